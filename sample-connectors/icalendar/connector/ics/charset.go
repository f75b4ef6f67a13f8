package ics

import (
	"bytes"
	"encoding/binary"
	"mime"
	"strings"
	"unicode/utf16"
)

// Windows-1252 where it differs from ISO 8859-1; programs that say the one often mean the other.
var windows1252 = [32]rune{
	'€', 0xfffd, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0xfffd, 'Ž', 0xfffd,
	0xfffd, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0xfffd, 'ž', 'Ÿ',
}

// Decode makes UTF-8 of a body: by its byte order mark, else by the charset of the media type. A body in UTF-8 stays as it is,
// also where a character is cut by a fold.
func Decode(body []byte, mediaType string) ([]byte, error) {
	_, parameters, _ := mime.ParseMediaType(mediaType)
	charset := strings.ToLower(parameters["charset"])
	switch {
	case bytes.HasPrefix(body, []byte("\uFEFF")):
		return body[len("\uFEFF"):], nil
	case bytes.HasPrefix(body, []byte{0xff, 0xfe}):
		return fromUTF16(body[2:], binary.LittleEndian), nil
	case bytes.HasPrefix(body, []byte{0xfe, 0xff}):
		return fromUTF16(body[2:], binary.BigEndian), nil
	}
	switch charset {
	case "", "utf-8", "utf8", "us-ascii":
		return body, nil
	case "iso-8859-1", "latin1", "windows-1252", "cp1252":
		return fromLatin(body), nil
	case "utf-16le":
		return fromUTF16(body, binary.LittleEndian), nil
	case "utf-16", "utf-16be":
		return fromUTF16(body, binary.BigEndian), nil
	}
	return nil, syntax(1, "the charset %.40q is not known; UTF-8, UTF-16, ISO-8859-1 and Windows-1252 are", charset)
}

func fromLatin(body []byte) []byte {
	var text strings.Builder
	for _, b := range body {
		switch {
		case b >= 0x80 && b < 0xa0:
			text.WriteRune(windows1252[b-0x80])
		default:
			text.WriteRune(rune(b))
		}
	}
	return []byte(text.String())
}

func fromUTF16(body []byte, order binary.ByteOrder) []byte {
	units := make([]uint16, len(body)/2)
	for at := range units {
		units[at] = order.Uint16(body[2*at:])
	}
	return []byte(string(utf16.Decode(units)))
}
