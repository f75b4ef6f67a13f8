// GUIDs that follow from a name: version 5 of RFC 9562, which is SHA-1.

#include <string.h>

#include "internal.h"

typedef struct {
  uint32_t state[5];
  uint8_t block[64];
  uint64_t len;
} sha1;

static uint32_t turned(uint32_t word, int by) { return word << by | word >> (32 - by); }

static void digest_block(sha1 *hash) {
  uint32_t words[80], a = hash->state[0], b = hash->state[1], c = hash->state[2], d = hash->state[3], e = hash->state[4];
  for (int i = 0; i < 16; i++) {
    const uint8_t *at = hash->block + 4 * i;
    words[i] = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
  }
  for (int i = 16; i < 80; i++) words[i] = turned(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
  for (int i = 0; i < 80; i++) {
    uint32_t mixed = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
    uint32_t next = turned(a, 5) + mixed + e + words[i];
    e = d, d = c, c = turned(b, 30), b = a, a = next;
  }
  hash->state[0] += a, hash->state[1] += b, hash->state[2] += c, hash->state[3] += d, hash->state[4] += e;
}

static void hash_add(sha1 *hash, const void *bytes, size_t len) {
  for (size_t i = 0; i < len; i++) {
    hash->block[hash->len++ % 64] = ((const uint8_t *)bytes)[i];
    if (hash->len % 64 == 0) digest_block(hash);
  }
}

// The first 16 bytes, with version and variant put in.
static void name_guid(const uint8_t space[16], const char *name, uint8_t guid[16]) {
  sha1 hash = {.state = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}};
  hash_add(&hash, space, 16);
  hash_add(&hash, name, strlen(name));
  uint64_t bits = hash.len * 8;
  hash_add(&hash, "\x80", 1);
  while (hash.len % 64 != 56) hash_add(&hash, "", 1);
  for (int i = 7; i >= 0; i--) hash_add(&hash, &(uint8_t){(uint8_t)(bits >> 8 * i)}, 1);
  for (int i = 0; i < 16; i++) guid[i] = (uint8_t)(hash.state[i / 4] >> (24 - 8 * (i % 4)));
  guid[6] = (guid[6] & 0x0f) | 0x50;
  guid[8] = (guid[8] & 0x3f) | 0x80;
}

char *lg_guid_from_name(lg_ctx *ctx, const char *space, const char *name) {
  static const uint8_t urls[16] = {0x6b, 0xa7, 0xb8, 0x11, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8};
  uint8_t own[16], guid[16];
  name_guid(urls, space, own);
  name_guid(own, name, guid);
  char *text = lg_alloc(ctx, 37), *at = text;
  for (int i = 0; i < 16; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) *at++ = '-';
    *at++ = "0123456789abcdef"[guid[i] >> 4];
    *at++ = "0123456789abcdef"[guid[i] & 15];
  }
  return text;
}
