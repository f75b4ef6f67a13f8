package ics

import "strings"

// Text is a value of type TEXT without its escapes.
func Text(value string) string {
	return strings.Join(Texts(value, 0), "")
}

// Texts are the values of a list, without their escapes; separator 0: the whole is one.
func Texts(value string, separator byte) []string {
	var texts []string
	var text strings.Builder
	for at := 0; at < len(value); at++ {
		switch c := value[at]; {
		case c == '\\' && at+1 < len(value):
			at++
			if value[at] == 'n' || value[at] == 'N' {
				text.WriteByte('\n')
			} else {
				text.WriteByte(value[at])
			}
		case c == separator && separator != 0:
			texts = append(texts, text.String())
			text.Reset()
		default:
			text.WriteByte(c)
		}
	}
	return append(texts, text.String())
}
