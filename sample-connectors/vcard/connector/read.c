// From bytes to properties: folding, parameters, and what a card must have.

#include <string.h>

#include "vcard.h"

static char upper(char c) { return c >= 'a' && c <= 'z' ? (char)(c - 32) : c; }

bool same(const char *left, const char *right) {
  while (*left && upper(*left) == upper(*right)) left++, right++;
  return upper(*left) == upper(*right);
}

bool starts(const char *text, const char *prefix) {
  while (*prefix && upper(*text) == upper(*prefix)) text++, prefix++;
  return !*prefix;
}

static const char *upper_copy(lg_ctx *ctx, const char *text, size_t len) {
  char *copy = lg_copy_n(ctx, text, len);
  for (char *at = copy; *at; at++) *at = upper(*at);
  return copy;
}

static lg_result wrong(lg_ctx *ctx, int line, const char *what) { return lg_invalid(ctx, what, lg_format(ctx, "line %d", line)); }

// The next content line without its folds, or NULL at the end. `line` is that of its beginning.
static const char *unfold(lg_ctx *ctx, const char **at, int *line, int *next_line) {
  if (!**at) return NULL;
  *line = *next_line;
  char *unfolded = lg_alloc(ctx, strcspn(*at, "\n") + 1), *to = unfolded;
  size_t room = strcspn(*at, "\n") + 1;
  for (;;) {
    size_t len = strcspn(*at, "\n");
    size_t text = len && (*at)[len - 1] == '\r' ? len - 1 : len;
    size_t used = (size_t)(to - unfolded);
    if (used + text + 1 > room) {
      // Twice as much, so that a photograph of a thousand lines is not copied a thousand times.
      room = 2 * (used + text + 1);
      unfolded = memcpy(lg_alloc(ctx, room), unfolded, used);
      to = unfolded + used;
    }
    memcpy(to, *at, text);
    to += text;
    *at += len;
    if (**at) (*at)++, (*next_line)++;
    if (**at != ' ' && **at != '\t') break;
    (*at)++;
  }
  *to = 0;
  return unfolded;
}

// RFC 6868: ^n, ^' and ^^ in the values of parameters.
static const char *param_value(lg_ctx *ctx, const char *text, size_t len) {
  char *value = lg_copy_n(ctx, text, len), *to = value;
  for (const char *from = value; *from; from++) {
    if (from[0] == '^' && (from[1] == 'n' || from[1] == '\'' || from[1] == '^')) {
      from++;
      *to++ = *from == 'n' ? '\n' : *from == '\'' ? '"' : '^';
    } else {
      *to++ = *from;
    }
  }
  *to = 0;
  return value;
}

// Adds what stands behind a `;`: NAME=value,"value". A word alone, as in vCard 2.1, is a TYPE.
static lg_result read_param(lg_ctx *ctx, const char **at, property *into) {
  size_t name_len = strcspn(*at, "=;:");
  const char *name = (*at)[name_len] == '=' ? upper_copy(ctx, *at, name_len) : "TYPE";
  if ((*at)[name_len] == '=') *at += name_len + 1;
  for (;;) {
    bool in_quotes = **at == '"';
    if (in_quotes) (*at)++;
    size_t len = strcspn(*at, in_quotes ? "\"" : ",;:");
    if (in_quotes && !(*at)[len]) return wrong(ctx, into->line, "a parameter's quotes do not end");
    // TYPE="work,voice" is two values all the same.
    for (size_t from = 0; from <= len;) {
      size_t one = same(name, "TYPE") ? strcspn(*at + from, ",\"") : len;
      if (from + one > len) one = len - from;
      param *added = lg_alloc(ctx, sizeof *added);
      *added = (param){name, param_value(ctx, *at + from, one), into->params};
      into->params = added;
      from += one + 1;
    }
    *at += len + in_quotes;
    if (**at != ',') return lg_ok();
    (*at)++;
  }
}

static lg_result read_property(lg_ctx *ctx, const char *text, int line, property **made) {
  property *read = lg_alloc(ctx, sizeof *read);
  read->line = line;
  const char *at = text;
  size_t len = strcspn(at, ".;:");
  if (at[len] == '.') at += len + 1, len = strcspn(at, ";:");
  if (!len || !at[len]) return wrong(ctx, line, "this is no property: `NAME:value` is expected");
  read->name = upper_copy(ctx, at, len);
  at += len;
  while (*at == ';') {
    at++;
    LG_TRY(read_param(ctx, &at, read));
  }
  if (*at != ':') return wrong(ctx, line, "this is no property: there is no `:` before a value");
  read->value = at + 1;
  *made = read;
  return lg_ok();
}

lg_result read_card(lg_ctx *ctx, const lg_external *external, property **card) {
  const char *at;
  LG_TRY(decode(ctx, external, &at));
  property **last = card, *read = NULL;
  int line = 1, next_line = 1;
  bool ended = false;
  *card = NULL;
  for (const char *text; (text = unfold(ctx, &at, &line, &next_line));) {
    if (!lg_is_utf8(text, strlen(text)))
      return wrong(ctx, line, "this is not UTF-8; submit another character set as text/vcard;charset=...");
    if (!text[strspn(text, " \t")]) continue;
    LG_TRY(read_property(ctx, text, line, &read));
    if (ended) return wrong(ctx, line, "something stands behind END:VCARD; a task has one card");
    if (!*card && !(same(read->name, "BEGIN") && same(read->value, "VCARD"))) return wrong(ctx, line, "a card begins with BEGIN:VCARD");
    if (*card && same(read->name, "BEGIN")) return wrong(ctx, line, "a card within a card");
    ended = same(read->name, "END");
    *last = read;
    last = &read->next;
  }
  if (!*card) return lg_invalid(ctx, "there is no card", NULL);
  if (!ended) return lg_invalid(ctx, "the card has no END:VCARD; it may have been cut off", NULL);
  const property *version = find(*card, "VERSION");
  if (!version) return lg_invalid(ctx, "the card has no VERSION", NULL);
  if (!same(version->value, "4.0") && !same(version->value, "3.0")) {
    return lg_invalid(ctx, lg_format(ctx, "this is vCard %s; export it as 3.0 or 4.0", version->value), "VERSION");
  }
  return lg_ok();
}

const property *find_next(const property *after, const char *name) {
  const property *at = after->next;
  while (at && !same(at->name, name)) at = at->next;
  return at;
}

// PREF of 4.0, where 1 comes first; TYPE=pref of 3.0 is as good.
static int preference(const property *of) {
  const char *given = param_of(of, "PREF");
  int rank = 0;
  for (; given && *given >= '0' && *given <= '9' && rank <= 100; given++) rank = rank * 10 + (*given - '0');
  if (rank) return rank;
  return has_param(of, "TYPE", "pref") ? 1 : 101;
}

const property *find(const property *card, const char *name) {
  const property *best = same(card->name, name) ? card : find_next(card, name);
  for (const property *at = best; at; at = find_next(at, name)) {
    if (preference(at) < preference(best)) best = at;
  }
  return best;
}

const char *param_of(const property *of, const char *name) {
  for (const param *at = of->params; at; at = at->next) {
    if (same(at->name, name)) return at->value;
  }
  return NULL;
}

bool has_param(const property *of, const char *name, const char *value) {
  for (const param *at = of->params; at; at = at->next) {
    if (same(at->name, name) && same(at->value, value)) return true;
  }
  return false;
}
