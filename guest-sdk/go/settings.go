package lockgate

import "lockgate.dev/lockgate/internal/host"

// Setting is what the operator set for this connector; not ok: not set, or not granted.
func Setting(key string) (value string, ok bool) {
	return host.Setting(key)
}

// Secret is a placeholder for a credential: never its value, which stays with the host. Put it where the value belongs in an
// outgoing request: a header, the query, the body, also inside Basic credentials. It is another text for each task, so it is worth
// nothing in a field, a log or the state.
type Secret string

// SecretNamed is the placeholder for a secret; not ok: not asked for in the manifest, or not granted.
func SecretNamed(name string) (placeholder Secret, ok bool) {
	text, ok := host.Secret(name)
	return Secret(text), ok
}
