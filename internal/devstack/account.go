package devstack

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// account is the user a server runs as when we are root, because PostgreSQL refuses to run as root. A nil account means
// ourselves.
type account struct {
	name     string
	uid, gid uint32
}

// accountFor picks the account for a data folder: its owner when it is there already, else postgres, else nobody.
// It is nil when we are not root.
func accountFor(dir string) (*account, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	if info, err := os.Stat(filepath.Join(dir, "PG_VERSION")); err == nil {
		if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
			return &account{name: "number " + strconv.Itoa(int(owner.Uid)), uid: owner.Uid, gid: owner.Gid}, nil
		}
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(found.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(found.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &account{name: name, uid: uint32(uid), gid: uint32(gid)}, nil
		}
	}
	return nil, fmt.Errorf("PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody")
}

func (a *account) credential() *syscall.Credential {
	if a == nil {
		return nil
	}
	return &syscall.Credential{Uid: a.uid, Gid: a.gid}
}

// own gives path to the account.
func (a *account) own(path string) error {
	if a == nil {
		return nil
	}
	if err := os.Chown(path, int(a.uid), int(a.gid)); err != nil {
		return fmt.Errorf("give %s to user %s: %w", path, a.name, err)
	}
	return nil
}

// closedTo is the outermost folder on the way to dir, dir included, that the account may not enter; empty when the way
// is open.
func (a *account) closedTo(dir string) string {
	if a == nil {
		return ""
	}
	folder := string(filepath.Separator)
	for _, step := range strings.Split(filepath.Clean(dir), string(filepath.Separator)) {
		folder = filepath.Join(folder, step)
		info, err := os.Stat(folder)
		if err != nil {
			continue // not there yet: whoever creates it opens it
		}
		if !a.mayEnter(info) {
			return folder
		}
	}
	return ""
}

func (a *account) mayEnter(info os.FileInfo) bool {
	owner, ok := info.Sys().(*syscall.Stat_t)
	switch {
	case !ok:
		return true
	case owner.Uid == a.uid:
		return info.Mode()&0o100 != 0
	case owner.Gid == a.gid:
		return info.Mode()&0o010 != 0
	default:
		return info.Mode()&0o001 != 0
	}
}
