package engine

import (
	"context"
	"fmt"
	"strings"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/rekindlehq/rekindle/workflows"
)

// Register adds the search attributes that are missing in the namespace. On
// Temporal Cloud that is done with its own tool, which the error says.
func Register(ctx context.Context, c client.Client, namespace string) error {
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
