package lockgate

import (
	"crypto/sha1"
	"encoding/hex"
)

// RFC 9562's namespace for URLs.
var namespaceURL = [16]byte{0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}

// GUIDFromName is the UUIDv5 of name in the namespace that namespaceText names, so that the same external object has the same
// GUID in every task, and in connectors of every language. The namespace is itself the UUIDv5 of its text in the namespace of
// URLs.
func GUIDFromName(namespaceText, name string) string {
	guid := uuid5(uuid5(namespaceURL, namespaceText), name)
	text := hex.EncodeToString(guid[:])
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

func uuid5(namespace [16]byte, name string) (guid [16]byte) {
	hash := sha1.New()
	hash.Write(namespace[:])
	hash.Write([]byte(name))
	copy(guid[:], hash.Sum(nil))
	guid[6] = guid[6]&0x0f | 0x50
	guid[8] = guid[8]&0x3f | 0x80
	return guid
}
