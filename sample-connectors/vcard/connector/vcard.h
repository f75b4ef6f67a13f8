// vCard (RFC 6350; and 3.0, RFC 2426): what a card is made of, and how it is read.
#ifndef VCARD_H
#define VCARD_H

#include <lockgate.h>

typedef struct param {
  const char *name;   // upper case
  const char *value;  // one of several, without quotes
  struct param *next;
} param;

// A content line, unfolded: `item1.TEL;TYPE=cell:+49 1234`.
typedef struct property {
  const char *name;   // upper case
  const char *value;  // with its escapes
  int line;           // in the file, from 1
  param *params;
  struct property *next;
} property;

// Reads one card, BEGIN and END included. Lines that cannot be read are left out, with a line in the log.
lg_result read_card(lg_ctx *ctx, const lg_external *external, property **card);
// Reads a content line; fails where it is none, or not in a character set that is known.
lg_result read_property(lg_ctx *ctx, const char *text, int line, property **made);
// `invalid`, with the line.
lg_result wrong(lg_ctx *ctx, int line, const char *what);

// The first property of this name; the preferred one where PREF or TYPE=pref say so. NULL: none.
const property *find(const property *card, const char *name);
// The one after it.
const property *find_next(const property *after, const char *name);
// Whether a parameter has this value; case does not count.
bool has_param(const property *of, const char *name, const char *value);
const char *param_of(const property *of, const char *name);
// All values of a parameter, with commas between them; NULL: none.
const char *params_of(lg_ctx *ctx, const property *of, const char *name);
// How far it is to the first of these characters, or to the end. libc's strcspn() measures the whole rest of
// the text first, and so takes time by the square of its lines.
size_t until(const char *text, const char *ends);
// Comparisons in which the case of ASCII letters does not count.
bool same(const char *left, const char *right);
bool starts(const char *text, const char *prefix);

// ---- character sets ----

// The body as text: by its byte order mark, else by the charset of the media type. UTF-8 is looked at
// line by line: a fold may be in the middle of a character.
lg_result decode(lg_ctx *ctx, const lg_external *external, const char **text);
// A value from a character set by name, NULL where that is not known.
const char *from_charset(lg_ctx *ctx, const char *value, const char *charset);
// A value without quoted-printable; separators that were encoded get a backslash.
const char *from_quoted_printable(lg_ctx *ctx, const char *value);

// ---- texts that grow ----

// Grows in steps that double, so that a list of thousands costs what it has.
typedef struct {
  lg_ctx *ctx;
  char *text;
  size_t len, room;
} builder;

void add_n(builder *to, const char *text, size_t len);
void add(builder *to, const char *text);
// As a JSON text in quotes.
void add_quoted(builder *to, const char *text);

// ---- values ----

// Without escapes; NULL for NULL, and for nothing but white space.
const char *unescape(lg_ctx *ctx, const char *value);
// A component of a structured value (N, ORG, ADR), counted from 0, without escapes; NULL if it is empty.
const char *component(lg_ctx *ctx, const char *value, int index);
// Items between `separator`s that are not escaped; each still has its escapes. NULL is after the last.
const char **split(lg_ctx *ctx, const char *value, char separator);
// REV as RFC 3339; NULL if it is none.
const char *timestamp(lg_ctx *ctx, const char *value);
// tel: and mailto: URIs without their scheme, and addresses without the name around them.
const char *plain(lg_ctx *ctx, const char *value);
// All properties of a name: [{"value": "...", "types": ["work"]}]. NULL: none.
const char *list_json(lg_ctx *ctx, const property *card, const char *name);
const char *addresses_json(lg_ctx *ctx, const property *card);
const char *categories_json(lg_ctx *ctx, const property *card);

// ---- what becomes of a card ----

lg_result translate(lg_ctx *ctx, const property *card, bool deletes, lg_object **object);
// What a card is known by: its UID, else what is least likely to be another's; NULL: nothing.
const char *identity(lg_ctx *ctx, const property *card);
// What people call it: FN, else the next best that it has; NULL: nothing.
const char *display_name(lg_ctx *ctx, const property *card);
// The first value of this name that is not empty, the preferred one before others.
const char *text_of(lg_ctx *ctx, const property *card, const char *name);
// GUID of the card with this UID.
const char *guid_of(lg_ctx *ctx, const char *uid);

#endif
