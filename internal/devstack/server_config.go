package devstack

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
)

// serverConfig is what a server's folder remembers.
type serverConfig struct {
	Ports  serverPorts `json:"ports"`
	Shards int         `json:"shards"`
	file   string      // of the configuration that the server reads
}

// serverPorts are those of the four services: for calls, and for finding each other.
type serverPorts struct {
	Frontend, History, Matching, Worker                                         int
	FrontendMembership, HistoryMembership, MatchingMembership, WorkerMembership int
	FrontendHTTP                                                                int
}

// configureServer writes the configuration, with the ports of the last run from this folder: other services still
// expect the server there.
func configureServer(opts ServerOptions, postgres *url.URL) (serverConfig, error) {
	dir, err := filepath.Abs(opts.Dir)
	if err != nil {
		return serverConfig{}, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return serverConfig{}, err
	}
	config := serverConfig{Shards: opts.Shards, file: filepath.Join(dir, "server.yaml")}
	if config.Shards == 0 {
		config.Shards = 4
	}
	memory := filepath.Join(dir, "server.json")
	raw, err := os.ReadFile(memory)
	switch {
	case errors.Is(err, os.ErrNotExist):
		if config.Ports, err = choosePorts(opts.Port); err != nil {
			return serverConfig{}, err
		}
		if raw, err = json.Marshal(config); err == nil {
			err = os.WriteFile(memory, raw, 0o600)
		}
	case err == nil:
		err = json.Unmarshal(raw, &config)
	}
	if err != nil {
		return serverConfig{}, fmt.Errorf("remember the ports in %s: %w", memory, err)
	}
	return config, config.write(dir, postgres)
}

func choosePorts(frontend int) (serverPorts, error) {
	p := serverPorts{Frontend: frontend}
	var held []net.Listener // until all are chosen, so that none is chosen twice
	defer func() {
		for _, l := range held {
			_ = l.Close()
		}
	}()
	for _, port := range []*int{
		&p.Frontend, &p.History, &p.Matching, &p.Worker, &p.FrontendHTTP,
		&p.FrontendMembership, &p.HistoryMembership, &p.MatchingMembership, &p.WorkerMembership,
	} {
		if *port != 0 {
			continue
		}
		l, err := lowPort()
		if err != nil {
			return p, err
		}
		held = append(held, l)
		*port = l.Addr().(*net.TCPAddr).Port
	}
	return p, nil
}

// lowPort holds a free port below 32768: the server keeps its ports in a column of two signed bytes.
func lowPort() (net.Listener, error) {
	for range 200 {
		l, err := net.Listen("tcp", net.JoinHostPort(temporalHost, strconv.Itoa(10_000+rand.IntN(22_000))))
		if err == nil {
			return l, nil
		}
	}
	return nil, errors.New("find a free port: none of 200 between 10000 and 32000 was")
}

type object = map[string]any

// write writes the configuration as JSON, which is YAML too.
func (c serverConfig) write(dir string, postgres *url.URL) error {
	dynamic := filepath.Join(dir, "dynamic.yaml")
	encoded, err := json.MarshalIndent(c.server(dynamic, postgres), "", "  ")
	if err != nil {
		return err
	}
	// A namespace and its search attributes can be used as soon as they are there.
	settings := "system.forceSearchAttributesCacheRefreshOnRead:\n- value: true\n"
	if err := os.WriteFile(dynamic, []byte(settings), 0o600); err != nil {
		return err
	}
	return os.WriteFile(c.file, encoded, 0o600) // the password is in it
}

func (c serverConfig) server(dynamic string, postgres *url.URL) object {
	password, _ := postgres.User.Password()
	store := func(database string, connections int) object {
		return object{"sql": object{
			"pluginName": "postgres12", "databaseName": database, "connectAddr": postgres.Host, "connectProtocol": "tcp",
			"user": postgres.User.Username(), "password": password,
			"maxConns": connections, "maxIdleConns": connections, "maxConnLifetime": "1h",
		}}
	}
	service := func(port, membership int) object {
		return object{"rpc": object{"grpcPort": port, "membershipPort": membership, "bindOnLocalHost": true}}
	}
	frontend := service(c.Ports.Frontend, c.Ports.FrontendMembership)
	frontend["rpc"].(object)["httpPort"] = c.Ports.FrontendHTTP
	address := fmt.Sprintf("%s:%d", temporalHost, c.Ports.Frontend)
	return object{
		"log": object{"stdout": true, "level": "warn"},
		"persistence": object{
			"defaultStore": "default", "visibilityStore": "visibility", "numHistoryShards": c.Shards,
			"datastores": object{"default": store(temporalDatabase, 24), "visibility": store(visibilityDatabase, 8)},
		},
		"global": object{"membership": object{"maxJoinDuration": "30s", "broadcastAddress": temporalHost}},
		"services": object{
			"frontend": frontend,
			"history":  service(c.Ports.History, c.Ports.HistoryMembership),
			"matching": service(c.Ports.Matching, c.Ports.MatchingMembership),
			"worker":   service(c.Ports.Worker, c.Ports.WorkerMembership),
		},
		"clusterMetadata": object{
			"enableGlobalNamespace": false, "failoverVersionIncrement": 10,
			"masterClusterName": "active", "currentClusterName": "active",
			"clusterInformation": object{"active": object{
				"enabled": true, "initialFailoverVersion": 1, "rpcName": "frontend", "rpcAddress": address,
			}},
		},
		"dcRedirectionPolicy": object{"policy": "noop"},
		"publicClient":        object{"hostPort": address},
		"dynamicConfigClient": object{"filepath": dynamic, "pollInterval": "1m"},
	}
}
