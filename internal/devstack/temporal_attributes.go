package devstack

import (
	"context"
	"fmt"

	"go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/client"
)

// addSearchAttributes adds those that the namespace lacks: the server heeds --search-attribute only when it makes a new
// database, so a release with one more attribute would miss it on every machine that has run an older one. It answers
// nil when the namespace has them all.
func addSearchAttributes(ctx context.Context, c client.Client, namespace string, wanted map[string]string) error {
	operator := c.OperatorService()
	have, err := operator.ListSearchAttributes(ctx, &operatorservice.ListSearchAttributesRequest{Namespace: namespace})
	if err != nil {
		return fmt.Errorf("list search attributes: %w", err)
	}
	missing := map[string]enums.IndexedValueType{}
	for name, kind := range wanted {
		if _, there := have.CustomAttributes[name]; there {
			continue
		}
		if missing[name], err = enums.IndexedValueTypeFromString(kind); err != nil {
			return fmt.Errorf("add search attribute %s: %w", name, err)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	_, err = operator.AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
		Namespace: namespace, SearchAttributes: missing,
	})
	if err != nil {
		return fmt.Errorf("add search attributes: %w", err)
	}
	return fmt.Errorf("search attributes %v are not listed yet", missing)
}
