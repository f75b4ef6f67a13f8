// From bytes to a card: versions first, then folding, and what a card must have.

#include <string.h>

#include "vcard.h"

// Where reading is, and the number of the line there.
typedef struct {
  const char *at;
  int line;
} place;

// Length of the line there without its end, whatever carriage returns stand before that.
static size_t line_length(const char *at) {
  size_t len = until(at, "\n");
  while (len && at[len - 1] == '\r') len--;
  return len;
}

static void next_line(place *here) {
  here->at += until(here->at, "\n");
  if (*here->at) here->at++;
  here->line++;
}

static bool line_is(const char *at, const char *text) {
  size_t len = line_length(at);
  while (len && (at[len - 1] == ' ' || at[len - 1] == '\t')) len--;
  return len == strlen(text) && starts(at, text);
}

// Whether the line so far is NAME;ENCODING=QUOTED-PRINTABLE:... and its last `=` says that it goes on.
static bool goes_on(const builder *line) {
  if (!line->len || line->text[line->len - 1] != '=') return false;
  static const char word[] = "QUOTED-PRINTABLE";
  for (const char *at = line->text; *at && *at != ':'; at++) {
    if (starts(at, word)) return true;
  }
  return false;
}

// The next content line without its folds, and the number of its first line. NULL: the end.
static const char *unfold(lg_ctx *ctx, place *here, int *line) {
  if (!*here->at) return NULL;
  *line = here->line;
  builder unfolded = {.ctx = ctx};
  add_n(&unfolded, here->at, line_length(here->at));
  next_line(here);
  for (;;) {
    if (*here->at == ' ' || *here->at == '\t') {
      add_n(&unfolded, here->at + 1, line_length(here->at + 1));
    } else if (*here->at && goes_on(&unfolded)) {
      unfolded.len--;
      add_n(&unfolded, here->at, line_length(here->at));
    } else {
      return unfolded.text;
    }
    next_line(here);
  }
}

// Versions are judged first, and how many cards there are: what another version means by its lines is not known.
static lg_result judge(lg_ctx *ctx, const char *text, int *begin) {
  int cards = 0, depth = 0;
  const char *version = NULL;
  *begin = 0;
  for (place here = {text, 1}; *here.at; next_line(&here)) {
    if (line_is(here.at, "BEGIN:VCARD")) {
      if (!depth++ && !cards++) *begin = here.line;
    } else if (line_is(here.at, "END:VCARD")) {
      if (depth) depth--;
    } else if (depth == 1 && cards == 1 && !version && starts(here.at, "VERSION") && strchr(";:", here.at[7])) {
      size_t len = line_length(here.at), name = until(here.at, ":\n");
      version = name < len ? lg_copy_n(ctx, here.at + name + 1, len - name - 1) : "";
      while (*version == ' ' || *version == '\t') version++;
      if (!starts(version, "3.0") && !starts(version, "4.0"))
        return wrong(ctx, here.line, lg_format(ctx, "this is vCard %s; export it as 3.0 or 4.0", version));
    }
  }
  if (!cards) return wrong(ctx, 1, "there is no card: BEGIN:VCARD is missing");
  if (cards > 1) return wrong(ctx, *begin, lg_format(ctx, "a task has one card, and this has %d: data/tasks.py makes a task of each", cards));
  if (!version) return wrong(ctx, *begin, "the card has no VERSION");
  return lg_ok();
}

static bool is_blank(const char *text) {
  while (*text == ' ' || *text == '\t') text++;
  return !*text;
}

// A card cannot do without these, or is another without them.
static bool is_essential(const char *name) {
  return same(name, "BEGIN") || same(name, "END") || same(name, "UID") || same(name, "KIND") || same(name, "VERSION");
}

lg_result read_card(lg_ctx *ctx, const lg_external *external, property **card) {
  place here = {NULL, 1};
  LG_TRY(decode(ctx, external, &here.at));
  int begin, line;
  LG_TRY(judge(ctx, here.at, &begin));
  property **last = card, *read = NULL;
  bool ended = false;
  *card = NULL;
  for (const char *text; (text = unfold(ctx, &here, &line));) {
    if (is_blank(text)) continue;
    lg_result tried = read_property(ctx, text, line, &read);
    if (lg_failed(tried)) {
      if (is_essential(read->name)) return tried;
      lg_log(LG_WARN, "line %d is left out: this is no property that can be read: %.40s", line, text);
      continue;
    }
    if (!lg_is_utf8(read->value, strlen(read->value)) || !lg_is_utf8(text, until(text, ":")))
      return wrong(ctx, line, "this is not UTF-8; submit another character set as text/vcard;charset=...");
    if (!*card && !(same(read->name, "BEGIN") && same(read->value, "VCARD"))) {
      lg_log(LG_WARN, "line %d is left out: it stands before BEGIN:VCARD", line);
      continue;
    }
    if (ended) {
      lg_log(LG_WARN, "line %d is left out: it stands behind END:VCARD", line);
      continue;
    }
    if (*card && same(read->name, "BEGIN")) return wrong(ctx, line, "a card within a card; that around it may have no END:VCARD");
    ended = same(read->name, "END");
    *last = read;
    last = &read->next;
  }
  if (!ended) return wrong(ctx, begin, "the card has no END:VCARD; it may have been cut off");
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
  const property *best = find_next(card, name);
  for (const property *at = best; at; at = find_next(at, name)) {
    if (preference(at) < preference(best)) best = at;
  }
  return best;
}
