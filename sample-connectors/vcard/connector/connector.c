// vCards become contacts, organizations and groups.

#include <string.h>

#include "vcard.h"

LG_MANIFEST("manifest.toml");

lg_result prepare_internal_object(lg_ctx *ctx, const lg_external *external, const lg_task *task) {
  property *card;
  lg_object *object;
  LG_TRY(read_card(ctx, external, &card));
  lg_result translated = translate(ctx, card, task->task_type == LG_DELETE_OBJECT, &object);
  return lg_failed(translated) || !object ? translated : lg_object_answer(object);
}

lg_result get_internal_object_params(lg_ctx *ctx, const char *id, const char *object_type) {
  // The external id of a card is its UID.
  if (!strcmp(object_type, "vcard.contact")) {
    return lg_found_object(ctx, (lg_object_params){.code_name = lg_format(ctx, "card-%s", guid_of(ctx, id))});
  }
  return lg_unsupported(ctx, lg_format(ctx, "no references to %s", object_type), NULL);
}
