package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/rekindlehq/rekindle/workflows"
)

// Register makes the namespace if it is missing, adds the search attributes that
// are missing in it, and waits until the server takes them. On Temporal Cloud that
// is done with its own tool, which the error says.
func Register(ctx context.Context, c client.Client, namespace string) error {
	if err := makeNamespace(ctx, c, namespace); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, seenWithin)
	defer cancel()
	if err := onceSeen(ctx, func() error { return addAttributes(ctx, c, namespace) }); err != nil {
		return err
	}
	return onceSeen(ctx, func() error {
		_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{Namespace: namespace, Query: anyAttribute()})
		if err != nil {
			return fmt.Errorf("look for the search attributes in %s: %w", namespace, err)
		}
		return nil
	})
}

// seenWithin is more than a server takes to see what was added to a namespace: its
// parts look every ten seconds.
const seenWithin = time.Minute

// onceSeen tries again while the server does not see yet what was added.
func onceSeen(ctx context.Context, try func() error) error {
	for {
		err := try()
		var attribute *serviceerror.InvalidArgument
		var namespace *serviceerror.NamespaceNotFound
		if !errors.As(err, &attribute) && !errors.As(err, &namespace) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// anyAttribute is a query that the server refuses until it knows all attributes.
func anyAttribute() string {
	var all []string
	for name := range workflows.SearchAttributes() {
		all = append(all, name+" = 'none'")
	}
	return strings.Join(all, " OR ")
}

// retention is how long the histories of finished lives are kept: what counts is in
// the records.
const retention = 30 * 24 * time.Hour

func makeNamespace(ctx context.Context, c client.Client, namespace string) error {
	_, err := c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: namespace})
	var missing *serviceerror.NamespaceNotFound
	if !errors.As(err, &missing) {
		return nil // whoever may not look at it is told by what comes next
	}
	_, err = c.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace: namespace, WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	var known *serviceerror.NamespaceAlreadyExists
	if err != nil && !errors.As(err, &known) {
		return fmt.Errorf("make the namespace %s: %w", namespace, err)
	}
	return nil
}

func addAttributes(ctx context.Context, c client.Client, namespace string) error {
	listed, err := c.OperatorService().ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("list search attributes of %s (on Temporal Cloud add %s with tcld): %w", namespace, names(), err)
	}
	missing := map[string]enumspb.IndexedValueType{}
	for name := range workflows.SearchAttributes() {
		if _, ok := listed.GetCustomAttributes()[name]; !ok {
			missing[name] = enumspb.INDEXED_VALUE_TYPE_KEYWORD
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = c.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{Namespace: namespace, SearchAttributes: missing})
	if err != nil {
		return fmt.Errorf("add search attributes to %s (on Temporal Cloud add %s with tcld): %w", namespace, names(), err)
	}
	return nil
}

func names() string {
	var all []string
	for name := range workflows.SearchAttributes() {
		all = append(all, name+"=Keyword")
	}
	return strings.Join(all, " ")
}
