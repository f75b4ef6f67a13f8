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

// Reads one card, BEGIN and END included.
lg_result read_card(lg_ctx *ctx, const lg_external *external, property **card);

// The first property of this name; the preferred one where PREF or TYPE=pref say so. NULL: none.
const property *find(const property *card, const char *name);
// The one after it.
const property *find_next(const property *after, const char *name);
// Whether a parameter has this value; case does not count.
bool has_param(const property *of, const char *name, const char *value);
const char *param_of(const property *of, const char *name);
// Comparisons in which the case of ASCII letters does not count.
bool same(const char *left, const char *right);
bool starts(const char *text, const char *prefix);

// ---- values ----

// The body, from the character set that the media type names. UTF-8 is looked at line by line: a fold may
// be in the middle of a character.
lg_result decode(lg_ctx *ctx, const lg_external *external, const char **text);
// Without escapes; NULL for NULL, and for nothing but white space.
const char *unescape(lg_ctx *ctx, const char *value);
// A component of a structured value (N, ORG, ADR), counted from 0, without escapes; NULL if it is empty.
const char *component(lg_ctx *ctx, const char *value, int index);
// Items between `separator`s that are not escaped; each still has its escapes. NULL is after the last.
const char **split(lg_ctx *ctx, const char *value, char separator);
// REV as RFC 3339; NULL if it is none.
const char *timestamp(lg_ctx *ctx, const char *value);
// A JSON text in quotes.
const char *quoted(lg_ctx *ctx, const char *text);

// ---- what becomes of a card ----

lg_result translate(lg_ctx *ctx, const property *card, bool deletes, lg_object **object);
// GUID of the card with this UID.
const char *guid_of(lg_ctx *ctx, const char *uid);

#endif
