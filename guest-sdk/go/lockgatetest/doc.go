// Package lockgatetest stands in for the host in tests of a connector. What is set holds until the test ends; tests that use it
// do not run in parallel. It is for tests on the machine that they are written on: in a component it fails them.
package lockgatetest
