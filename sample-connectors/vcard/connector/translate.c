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

static void add_person(lg_ctx *ctx, lg_object *contact, const property *card) {
  static const char *const names[] = {"family_name", "given_name", "additional_names", "prefixes", "suffixes"};
  const property *name = find(card, "N"), *organization = find(card, "ORG");
  for (int i = 0; i < 5; i++) lg_set(contact, names[i], lg_text(name ? component(ctx, name->value, i) : NULL));
  const char *employer = organization ? component(ctx, organization->value, 0) : NULL;
  lg_set(contact, "organization_name", lg_text(employer));
  lg_set(contact, "unit", lg_text(organization ? component(ctx, organization->value, 1) : NULL));
  lg_set(contact, "nickname", lg_text(text_of(ctx, card, "NICKNAME")));
  lg_set(contact, "title", lg_text(text_of(ctx, card, "TITLE")));
  lg_set(contact, "role", lg_text(text_of(ctx, card, "ROLE")));
  lg_set(contact, "birthday", lg_text(text_of(ctx, card, "BDAY")));
  lg_set(contact, "anniversary", lg_text(text_of(ctx, card, "ANNIVERSARY")));
  lg_set(contact, "language", lg_text(text_of(ctx, card, "LANG")));
  for (const property *at = find_next(card, "RELATED"); at; at = find_next(at, "RELATED")) {
    const char *uid = uid_named(ctx, at), *relation = params_of(ctx, at, "TYPE");
    if (!uid) continue;
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
  lg_set(object, "note", lg_text(text_of(ctx, card, "NOTE")));
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

static void add_members(lg_ctx *ctx, lg_object *group, const property *card, const char *name) {
  for (const property *at = find_next(card, name); at; at = find_next(at, name)) {
    const char *member = uid_named(ctx, at);
    if (member) lg_binding_new(group, "vcard.member", "contact", member);
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
  if (group) {
    add_members(ctx, object, card, "MEMBER");
    add_members(ctx, object, card, "X-ADDRESSBOOKSERVER-MEMBER");
  }
  return lg_ok();
}
