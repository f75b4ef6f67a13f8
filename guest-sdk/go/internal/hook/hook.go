// Package hook is where lockgatetest puts what stands in for the external application. Empty in a component.
package hook

// Answer is nil, or a func(*calls.Request) (*calls.Response, error): this package cannot name it, because calls imports it.
var Answer any
