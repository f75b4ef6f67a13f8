// What a card is known by, and what people call it.

#include <string.h>

#include "vcard.h"

// A UUID of 36 characters, in braces or not.
static bool is_guid(const char *text) {
  for (int i = 0; i < 36; i++) {
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !text[i] || !strchr("0123456789abcdefABCDEF", text[i])) return false;
  }
  return !text[36];
}

// A UUID is one whether it is spelt as a URN or bare, in whatever case.
const char *guid_of(lg_ctx *ctx, const char *uid) {
  const char *bare = starts(uid, "urn:uuid:") ? uid + 9 : uid;
  if (!is_guid(bare)) return lg_guid_from_name(ctx, "urn:ietf:rfc:6350", uid);
  char *lower = lg_copy(ctx, bare);
  for (char *at = lower; *at; at++) {
    if (*at >= 'A' && *at <= 'F') *at = (char)(*at + 32);
  }
  return lower;
}

static const char *trimmed(lg_ctx *ctx, const char *value) {
  const char *text = unescape(ctx, value);
  if (!text) return NULL;
  while (*text == ' ' || *text == '\t') text++;
  size_t len = strlen(text);
  while (len && (text[len - 1] == ' ' || text[len - 1] == '\t')) len--;
  return lg_copy_n(ctx, text, len);
}

const char *text_of(lg_ctx *ctx, const property *card, const char *name) {
  const property *preferred = find(card, name);
  const char *text = preferred ? trimmed(ctx, preferred->value) : NULL;
  for (const property *at = card; !text && (at = find_next(at, name));) text = trimmed(ctx, at->value);
  return text;
}

// Given and family name, with what belongs to them, from the parts of N.
static const char *name_of_parts(lg_ctx *ctx, const property *card) {
  static const int order[] = {3, 1, 2, 0, 4};
  const property *parts = find(card, "N");
  if (!parts) return NULL;
  builder name = {.ctx = ctx};
  for (int i = 0; i < 5; i++) {
    const char *part = component(ctx, parts->value, order[i]);
    if (!part) continue;
    if (name.len) add(&name, " ");
    add(&name, part);
  }
  return name.text;
}

const char *display_name(lg_ctx *ctx, const property *card) {
  const char *name = text_of(ctx, card, "FN");
  if (name) return name;
  const property *organization = find(card, "ORG");
  name = name_of_parts(ctx, card);
  if (!name) name = text_of(ctx, card, "NICKNAME");
  if (!name && organization) name = component(ctx, organization->value, 0);
  if (!name) name = text_of(ctx, card, "EMAIL");
  if (!name) name = text_of(ctx, card, "TEL");
  return name;
}

// All that a card says, except when it was written and by what.
static const char *all_of(lg_ctx *ctx, const property *card) {
  builder all = {.ctx = ctx};
  for (const property *at = card; at; at = at->next) {
    if (same(at->name, "REV") || same(at->name, "PRODID") || same(at->name, "VERSION")) continue;
    add(&all, at->name);
    add(&all, ":");
    add(&all, at->value);
    add(&all, "\n");
  }
  return all.text;
}

// Cards need no UID. Without one, name and first address or number are what stays longest. A name alone is not enough: two
// people may have one, so then the card is what it says, and another when it says anything else.
const char *identity(lg_ctx *ctx, const property *card) {
  const char *uid = text_of(ctx, card, "UID");
  if (uid) return uid;
  const char *name = display_name(ctx, card), *email = text_of(ctx, card, "EMAIL"), *phone = text_of(ctx, card, "TEL");
  if (!name) return NULL;
  if (email || phone) return lg_format(ctx, "%s/%s", name, email ? email : phone);
  return lg_format(ctx, "urn:uuid:%s", lg_guid_from_name(ctx, "urn:ietf:rfc:6350", all_of(ctx, card)));
}
