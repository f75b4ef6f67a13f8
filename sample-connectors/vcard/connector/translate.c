// What becomes of a card: a contact, an organization or a group.

#include <string.h>

#include "vcard.h"

// Longest external id and code name that the host takes, with room for a prefix.
#define ID_BYTES_MAX 900

// The UID of a card that RELATED or MEMBER names; NULL where they name no card.
static const char *uid_named(lg_ctx *ctx, const property *by) {
  static const char *const others[] = {"mailto:", "tel:", "http:", "https:"};
  const char *value = unescape(ctx, by->value);
  bool names_card = value && !has_param(by, "VALUE", "text");
  for (size_t i = 0; names_card && i < sizeof others / sizeof *others; i++) names_card = !starts(value, others[i]);
  if (!names_card) {
    lg_log(LG_WARN, "line %d: %s names no card, and is left out", by->line, by->name);
    return NULL;
  }
  bool fits = strlen(value) <= ID_BYTES_MAX && !strpbrk(value, "\n\r\t");
  return fits ? value : lg_format(ctx, "urn:uuid:%s", guid_of(ctx, value));
}

// GUIDs of what is bound already: a binding is made once, however often and in whatever spelling a card says it.
typedef struct {
  const char **slots;
  size_t size;
} guid_set;

static guid_set guid_set_for(lg_ctx *ctx, const property *card) {
  size_t count = 0;
  for (const property *at = card; at; at = at->next) count++;
  return (guid_set){lg_alloc(ctx, 2 * (count + 1) * sizeof(char *)), 2 * (count + 1)};
}

static bool is_new(guid_set *set, const property *by, const char *guid) {
  uint32_t hash = 2166136261u;
  for (const char *at = guid; *at; at++) hash = (hash ^ (uint8_t)*at) * 16777619u;
  size_t slot = hash % set->size;
  for (; set->slots[slot]; slot = (slot + 1) % set->size) {
    if (strcmp(set->slots[slot], guid)) continue;
    lg_log(LG_WARN, "line %d is left out: %s names a card again", by->line, by->name);
    return false;
  }
  set->slots[slot] = guid;
  return true;
}

// All units below an organization: ORG has them from the larger to the smaller.
static const char *units(lg_ctx *ctx, const char *value) {
  builder all = {.ctx = ctx};
  const char **part = split(ctx, value, ';');
  for (part += *part != NULL; *part; part++) {
    const char *unit = unescape(ctx, *part);
    if (!unit) continue;
    if (all.len) add(&all, ", ");
    add(&all, unit);
  }
  return all.text;
}

// All notes of a card, one below the other; of one in several languages, which have one ALTID, the first.
static const char *notes(lg_ctx *ctx, const property *card) {
  builder all = {.ctx = ctx};
  const char *taken = NULL;
  for (const property *at = find_next(card, "NOTE"); at; at = find_next(at, "NOTE")) {
    const char *note = unescape(ctx, at->value), *altid = param_of(at, "ALTID");
    if (!note || (taken && altid && same(taken, altid))) continue;
    taken = altid;
    if (all.len) add(&all, "\n");
    add(&all, note);
  }
  return all.text;
}

// A contact has room for one of each; others than the preferred one are told. Those with one ALTID are one in several languages.
static void tell_others(const property *card) {
  static const char *const single[] = {"FN", "N", "NICKNAME", "ORG", "TITLE", "ROLE", "BDAY", "ANNIVERSARY", "LANG", "URL"};
  for (size_t i = 0; i < sizeof single / sizeof *single; i++) {
    const property *kept = find(card, single[i]);
    for (const property *at = card; kept && (at = find_next(at, single[i]));) {
      const char *altid = param_of(at, "ALTID"), *kept_altid = param_of(kept, "ALTID");
      if (at != kept && *at->value && !(altid && kept_altid && same(altid, kept_altid)))
        lg_log(LG_WARN, "line %d is left out: there is room for one %s", at->line, at->name);
    }
  }
}

static void add_person(lg_ctx *ctx, lg_object *contact, const property *card) {
  static const char *const names[] = {"family_name", "given_name", "additional_names", "prefixes", "suffixes"};
  const property *name = find(card, "N"), *organization = find(card, "ORG");
  for (int i = 0; i < 5; i++) lg_set(contact, names[i], lg_text(name ? component(ctx, name->value, i) : NULL));
  const char *employer = organization ? component(ctx, organization->value, 0) : NULL;
  lg_set(contact, "organization_name", lg_text(employer));
  lg_set(contact, "unit", lg_text(organization ? units(ctx, organization->value) : NULL));
  lg_set(contact, "nickname", lg_text(text_of(ctx, card, "NICKNAME")));
  lg_set(contact, "title", lg_text(text_of(ctx, card, "TITLE")));
  lg_set(contact, "role", lg_text(text_of(ctx, card, "ROLE")));
  lg_set(contact, "birthday", lg_text(text_of(ctx, card, "BDAY")));
  lg_set(contact, "anniversary", lg_text(text_of(ctx, card, "ANNIVERSARY")));
  lg_set(contact, "language", lg_text(text_of(ctx, card, "LANG")));
  guid_set bound = guid_set_for(ctx, card);
  for (const property *at = find_next(card, "RELATED"); at; at = find_next(at, "RELATED")) {
    const char *uid = uid_named(ctx, at), *relation = params_of(ctx, at, "TYPE");
    if (!uid || !is_new(&bound, at, guid_of(ctx, uid))) continue;
    lg_child *binding = lg_binding_new(contact, "vcard.related", "related", uid);
    lg_set(binding, "relation", lg_text(relation ? relation : "contact"));
  }
}

static void add_common(lg_ctx *ctx, lg_object *object, const property *card) {
  const char *email = text_of(ctx, card, "EMAIL"), *phone = text_of(ctx, card, "TEL"), *revised = text_of(ctx, card, "REV");
  lg_set(object, "email", lg_text(email ? plain(ctx, email) : NULL));
  lg_set(object, "emails", lg_json_text(list_json(ctx, card, "EMAIL")));
  lg_set(object, "phone", lg_text(phone ? plain(ctx, phone) : NULL));
  lg_set(object, "phones", lg_json_text(list_json(ctx, card, "TEL")));
  lg_set(object, "addresses", lg_json_text(addresses_json(ctx, card)));
  lg_set(object, "url", lg_text(text_of(ctx, card, "URL")));
  lg_set(object, "note", lg_text(notes(ctx, card)));
  lg_set(object, "categories", lg_json_text(categories_json(ctx, card)));
  const char *at = revised ? timestamp(ctx, revised) : NULL;
  if (revised && !at) lg_log(LG_WARN, "REV is no time: %s", revised);
  lg_set(object, "revised", lg_timestamp(at));
}

// What a card is about. Apple's programs write 3.0, which has no KIND, and say it in names of their own.
static const char *kind_of(lg_ctx *ctx, const property *card) {
  const char *kind = text_of(ctx, card, "KIND"), *shown = text_of(ctx, card, "X-ABSHOWAS");
  if (!kind) kind = text_of(ctx, card, "X-ADDRESSBOOKSERVER-KIND");
  if (!kind && shown && same(shown, "COMPANY")) kind = "org";
  return kind ? kind : "individual";
}

static void add_members(lg_ctx *ctx, lg_object *group, const property *card, const char *name, guid_set *bound) {
  for (const property *at = find_next(card, name); at; at = find_next(at, name)) {
    const char *member = uid_named(ctx, at);
    if (member && is_new(bound, at, guid_of(ctx, member))) lg_binding_new(group, "vcard.member", "contact", member);
  }
}

lg_result translate(lg_ctx *ctx, const property *card, bool deletes, lg_object **made) {
  const char *kind = kind_of(ctx, card), *uid = identity(ctx, card);
  if (!uid) return wrong(ctx, card->line, "the card has neither UID nor a name");
  bool organization = same(kind, "org"), group = same(kind, "group");
  if (!organization && !group && !same(kind, "individual")) {
    *made = NULL;
    return lg_skip(ctx, lg_format(ctx, "a card of kind %s is neither a person, an organization nor a group", kind));
  }
  const char *guid = guid_of(ctx, uid);
  // Never by its name: two may have one, people as well as organizations.
  const char *type = organization ? "vcard.organization" : group ? "vcard.group" : "vcard.contact";
  lg_object *object = lg_object_new(ctx, type, lg_format(ctx, "card-%s", guid));
  object->guid = guid;
  lg_set(object, "uid", lg_text(uid));
  *made = object;
  if (deletes) return lg_ok();
  object->display_name = display_name(ctx, card);
  if (!text_of(ctx, card, "FN")) lg_log(LG_WARN, "the card has no FN; it is called %s", object->display_name ? object->display_name : "by its UID");
  add_common(ctx, object, card);
  if (!organization && !group) add_person(ctx, object, card);
  tell_others(card);
  if (group) {
    guid_set bound = guid_set_for(ctx, card);
    add_members(ctx, object, card, "MEMBER", &bound);
    add_members(ctx, object, card, "X-ADDRESSBOOKSERVER-MEMBER", &bound);
  }
  return lg_ok();
}
