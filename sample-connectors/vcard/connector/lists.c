// Texts that grow, and the lists of a card as JSON.

#include <string.h>

#include "vcard.h"

void add_n(builder *to, const char *text, size_t len) {
  if (to->len + len + 1 > to->room) {
    to->room = 2 * (to->len + len + 1);
    char *grown = lg_alloc(to->ctx, to->room);
    if (to->len) memcpy(grown, to->text, to->len);
    to->text = grown;
  }
  memcpy(to->text + to->len, text, len);
  to->len += len;
  to->text[to->len] = 0;
}

void add(builder *to, const char *text) { add_n(to, text, strlen(text)); }

void add_quoted(builder *to, const char *text) {
  static const char digits[] = "0123456789abcdef";
  add_n(to, "\"", 1);
  for (const char *from = text;; text++) {
    bool control = *text && (uint8_t)*text < 0x20, escaped = *text == '"' || *text == '\\';
    if (*text && !control && !escaped) continue;
    add_n(to, from, (size_t)(text - from));
    if (!*text) break;
    if (control) add_n(to, (char[]){'\\', 'u', '0', '0', digits[*text >> 4], digits[*text & 15]}, 6);
    else add_n(to, (char[]){'\\', *text}, 2);
    from = text + 1;
  }
  add_n(to, "\"", 1);
}

static void add_types(builder *to, const property *of) {
  add(to, "\"types\":[");
  bool first = true;
  for (const param *at = of->params; at; at = at->next) {
    if (!same(at->name, "TYPE")) continue;
    if (!first) add(to, ",");
    add_quoted(to, at->value);
    first = false;
  }
  add(to, "]}");
}

// Begins a list with its first item, and goes on with the others.
static void add_item(builder *to) { add(to, to->len ? "," : "["); }

static const char *ended(builder *list) {
  if (!list->len) return NULL;
  add(list, "]");
  return list->text;
}

const char *list_json(lg_ctx *ctx, const property *card, const char *name) {
  builder list = {.ctx = ctx};
  for (const property *at = find_next(card, name); at; at = find_next(at, name)) {
    const char *value = unescape(ctx, at->value);
    if (!value) continue;
    add_item(&list);
    add(&list, "{\"value\":");
    add_quoted(&list, plain(ctx, value));
    add(&list, ",");
    add_types(&list, at);
  }
  return ended(&list);
}

const char *addresses_json(lg_ctx *ctx, const property *card) {
  static const char *const names[] = {"box", "extended", "street", "city", "region", "code", "country"};
  builder list = {.ctx = ctx};
  for (const property *at = find_next(card, "ADR"); at; at = find_next(at, "ADR")) {
    add_item(&list);
    add(&list, "{");
    const char **part = split(ctx, at->value, ';');
    for (int i = 0; i < 7 && *part; i++, part++) {
      const char *text = unescape(ctx, *part);
      if (!text) continue;
      add_quoted(&list, names[i]);
      add(&list, ":");
      add_quoted(&list, text);
      add(&list, ",");
    }
    add_types(&list, at);
  }
  return ended(&list);
}

const char *categories_json(lg_ctx *ctx, const property *card) {
  builder list = {.ctx = ctx};
  for (const property *at = find_next(card, "CATEGORIES"); at; at = find_next(at, "CATEGORIES")) {
    for (const char **part = split(ctx, at->value, ','); *part; part++) {
      const char *word = unescape(ctx, *part);
      if (!word) continue;
      add_item(&list);
      add_quoted(&list, word);
    }
  }
  return ended(&list);
}
