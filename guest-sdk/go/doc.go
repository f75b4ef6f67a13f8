// Package lockgate writes connectors for Lockgate in Go.
//
// A connector implements [Connector] and names itself in [Export], from an init function; everything else here builds what it
// answers. The package knows nothing of the host beyond wit/connector.wit, and nothing of any external format: bring the parser
// that suits the external application.
//
// It also builds for the machine it is written on, so that translations are tested with plain go test; see
// lockgate/lockgatetest for what stands in for the host there.
//
// An instance lives for one task, and its calls run one after the other: a package variable that was set while preparing is
// still there when references of the same task are asked for, and gone after it.
package lockgate
