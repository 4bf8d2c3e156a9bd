package e2e_test

import "go.temporal.io/api/workflowservice/v1"

func listAll() *workflowservice.ListWorkflowExecutionsRequest {
	return &workflowservice.ListWorkflowExecutionsRequest{Namespace: "default", Query: "WorkflowType = 'Lead'"}
}
