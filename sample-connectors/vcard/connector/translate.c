// What becomes of a card: a contact, an organization or a group.

#include <string.h>

#include "vcard.h"

static bool is_guid(const char *text) {
  for (int i = 0; i < 36; i++) {
    bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? text[i] != '-' : !text[i] || !strchr("0123456789abcdefABCDEF", text[i])) return false;
  }
  return !text[36];
}

const char *guid_of(lg_ctx *ctx, const char *uid) {
  if (starts(uid, "urn:uuid:") && is_guid(uid + 9)) return uid + 9;
  return lg_guid_from_name(ctx, "urn:ietf:rfc:6350", uid);
}

static const char *text_of(lg_ctx *ctx, const property *card, const char *name) {
  const property *found = find(card, name);
  return found ? unescape(ctx, found->value) : NULL;
}

// Cards need no UID. Without one, name and first address or number are what stays longest.
static const char *identity(lg_ctx *ctx, const property *card) {
  const char *uid = text_of(ctx, card, "UID");
  if (uid) return uid;
  const char *name = text_of(ctx, card, "FN"), *email = text_of(ctx, card, "EMAIL"), *phone = text_of(ctx, card, "TEL");
  if (!name) return NULL;
  return lg_format(ctx, "%s/%s", name, email ? email : phone ? phone : "");
}

// tel: and mailto: URIs without their scheme.
static const char *plain(const char *value) {
  if (starts(value, "tel:")) return value + 4;
  return starts(value, "mailto:") ? value + 7 : value;
}

static const char *types_json(lg_ctx *ctx, const property *of) {
  const char *list = "";
  for (const param *at = of->params; at; at = at->next) {
    if (same(at->name, "TYPE")) list = lg_format(ctx, "%s%s%s", quoted(ctx, at->value), *list ? "," : "", list);
  }
  return list;
}

// All properties of a name: [{"value": "...", "types": ["work"]}]. NULL: none.
static const char *list_json(lg_ctx *ctx, const property *card, const char *name) {
  const char *list = NULL;
  for (const property *at = find_next(card, name); at; at = find_next(at, name)) {
    const char *value = unescape(ctx, at->value);
    if (!value) continue;
    list = lg_format(ctx, "%s%s{\"value\":%s,\"types\":[%s]}", list ? list : "[", list ? "," : "", quoted(ctx, plain(value)),
                     types_json(ctx, at));
  }
  return list ? lg_format(ctx, "%s]", list) : NULL;
}

static const char *addresses_json(lg_ctx *ctx, const property *card) {
  static const char *const parts[] = {"box", "extended", "street", "city", "region", "code", "country"};
  const char *list = NULL;
  for (const property *at = find_next(card, "ADR"); at; at = find_next(at, "ADR")) {
    const char *item = "";
    for (int i = 0; i < 7; i++) {
      const char *part = component(ctx, at->value, i);
      if (part) item = lg_format(ctx, "%s\"%s\":%s,", item, parts[i], quoted(ctx, part));
    }
    list = lg_format(ctx, "%s%s{%s\"types\":[%s]}", list ? list : "[", list ? "," : "", item, types_json(ctx, at));
  }
  return list ? lg_format(ctx, "%s]", list) : NULL;
}

static const char *categories_json(lg_ctx *ctx, const property *card) {
  const char *list = NULL;
  for (const property *at = find_next(card, "CATEGORIES"); at; at = find_next(at, "CATEGORIES")) {
    for (const char **part = split(ctx, at->value, ','); *part; part++) {
      const char *word = unescape(ctx, *part);
      if (word) list = lg_format(ctx, "%s%s%s", list ? list : "[", list ? "," : "", quoted(ctx, word));
    }
  }
  return list ? lg_format(ctx, "%s]", list) : NULL;
}

// The UID of a card that RELATED or MEMBER names; NULL where they name no card.
static const char *uid_named(lg_ctx *ctx, const property *by) {
  const char *value = unescape(ctx, by->value);
  if (!value || has_param(by, "VALUE", "text") || starts(value, "mailto:") || starts(value, "tel:")) {
    lg_log(LG_WARN, "line %d: %s names no card, and is left out", by->line, by->name);
    return NULL;
  }
  return value;
}

static void add_person(lg_ctx *ctx, lg_object *contact, const property *card) {
  static const char *const names[] = {"family_name", "given_name", "additional_names", "prefixes", "suffixes"};
  const property *name = find(card, "N"), *organization = find(card, "ORG");
  for (int i = 0; i < 5; i++) lg_set(contact, names[i], lg_text(name ? component(ctx, name->value, i) : NULL));
  const char *employer = organization ? component(ctx, organization->value, 0) : NULL;
  lg_set(contact, "organization_name", lg_text(employer));
  lg_set(contact, "unit", lg_text(organization ? component(ctx, organization->value, 1) : NULL));
  lg_set(contact, "organization", lg_reference(employer));
  lg_set(contact, "nickname", lg_text(text_of(ctx, card, "NICKNAME")));
  lg_set(contact, "title", lg_text(text_of(ctx, card, "TITLE")));
  lg_set(contact, "role", lg_text(text_of(ctx, card, "ROLE")));
  lg_set(contact, "birthday", lg_text(text_of(ctx, card, "BDAY")));
  lg_set(contact, "anniversary", lg_text(text_of(ctx, card, "ANNIVERSARY")));
  lg_set(contact, "language", lg_text(text_of(ctx, card, "LANG")));
  for (const property *at = find_next(card, "RELATED"); at; at = find_next(at, "RELATED")) {
    const char *uid = uid_named(ctx, at), *relation = param_of(at, "TYPE");
    if (!uid) continue;
    lg_child *binding = lg_binding_new(contact, "vcard.related", "related", uid);
    lg_set(binding, "relation", lg_text(relation ? relation : "contact"));
  }
}

static void add_common(lg_ctx *ctx, lg_object *object, const property *card) {
  const char *email = text_of(ctx, card, "EMAIL"), *phone = text_of(ctx, card, "TEL"), *revised = text_of(ctx, card, "REV");
  lg_set(object, "email", lg_text(email ? plain(email) : NULL));
  lg_set(object, "emails", lg_json_text(list_json(ctx, card, "EMAIL")));
  lg_set(object, "phone", lg_text(phone ? plain(phone) : NULL));
  lg_set(object, "phones", lg_json_text(list_json(ctx, card, "TEL")));
  lg_set(object, "addresses", lg_json_text(addresses_json(ctx, card)));
  lg_set(object, "url", lg_text(text_of(ctx, card, "URL")));
  lg_set(object, "note", lg_text(text_of(ctx, card, "NOTE")));
  lg_set(object, "categories", lg_json_text(categories_json(ctx, card)));
  const char *at = revised ? timestamp(ctx, revised) : NULL;
  if (revised && !at) lg_log(LG_WARN, "REV is no time: %s", revised);
  lg_set(object, "revised", lg_timestamp(at));
}

lg_result translate(lg_ctx *ctx, const property *card, bool deletes, lg_object **made) {
  const char *kind = text_of(ctx, card, "KIND"), *name = text_of(ctx, card, "FN"), *uid = identity(ctx, card);
  if (!uid) return lg_invalid(ctx, "the card has neither UID nor FN", NULL);
  if (!name && !deletes) return lg_invalid(ctx, "the card has no FN", "FN");
  bool organization = kind && same(kind, "org"), group = kind && same(kind, "group");
  if (kind && !organization && !group && !same(kind, "individual")) {
    *made = NULL;
    return lg_skip(ctx, lg_format(ctx, "a card of kind %s is neither a person, an organization nor a group", kind));
  }
  const char *guid = guid_of(ctx, uid);
  // An organization is found by its name, because ORG of other cards has nothing else.
  const char *code_name = organization && name ? name : lg_format(ctx, "card-%s", guid);
  lg_object *object = lg_object_new(ctx, organization ? "vcard.organization" : group ? "vcard.group" : "vcard.contact", code_name);
  object->guid = guid;
  object->display_name = name;
  lg_set(object, "uid", lg_text(uid));
  add_common(ctx, object, card);
  if (!organization && !group) add_person(ctx, object, card);
  for (const property *at = group ? find_next(card, "MEMBER") : NULL; at; at = find_next(at, "MEMBER")) {
    const char *member = uid_named(ctx, at);
    if (member) lg_binding_new(object, "vcard.member", "contact", member);
  }
  *made = object;
  return lg_ok();
}
