;; %METHODS%: the three methods. `prepare-internal-object` answers an object named by the rest of the
;; external object when that begins with "ok ", and calls $attack otherwise.
(data (i32.const 16) "test.itemtest.linktest.pagedtest.nodenextpagex")
(global $body (mut i32) (i32.const 0))
(global $bytes (mut i32) (i32.const 0))

;; An answer lies at 512: the result's tag, at 4 the tag of `prepared`, from 8 on its content.
(func $skip (param $text i32) (param $bytes i32) (result i32)
  (memory.fill (i32.const 512) (i32.const 0) (i32.const 128))
  (i32.store8 (i32.const 516) (i32.const 2))
  (i32.store (i32.const 520) (local.get $text))
  (i32.store (i32.const 524) (local.get $bytes))
  (i32.const 512))

;; An object. Its GUID is at 536, its display name at 548, site at 560, parent at 572, group at 584 (tag, address,
;; bytes each), its fields at 596 and children at 604 (address, count).
(func $object (param $type i32) (param $type_bytes i32) (param $name i32) (param $name_bytes i32) (result i32)
  (memory.fill (i32.const 512) (i32.const 0) (i32.const 128))
  (i32.store (i32.const 520) (local.get $type))
  (i32.store (i32.const 524) (local.get $type_bytes))
  (i32.store (i32.const 528) (local.get $name))
  (i32.store (i32.const 532) (local.get $name_bytes))
  (i32.const 512))

;; A `test.item` of this name.
(func $item (param $name i32) (param $bytes i32) (result i32)
  (call $object (i32.const 16) (i32.const 9) (local.get $name) (local.get $bytes)))

;; Gives the object that was made last one field, whose value lies at 656: tag at 656, content at 664.
(func $field (param $name i32) (param $bytes i32)
  (i32.store (i32.const 648) (local.get $name))
  (i32.store (i32.const 652) (local.get $bytes))
  (i32.store (i32.const 596) (i32.const 648))
  (i32.store (i32.const 600) (i32.const 1)))

;; A `test.link` whose field `next` refers to object "x", or a `test.paged` whose field `page` refers
;; to page "x".
(func $refers (param $type i32) (param $type_bytes i32) (param $field i32) (result i32)
  (drop (call $object (local.get $type) (local.get $type_bytes) (i32.const 61) (i32.const 1)))
  (call $field (local.get $field) (i32.const 4))
  (i32.store8 (i32.const 656) (i32.const 10))
  (i32.store (i32.const 664) (i32.const 61))
  (i32.store (i32.const 668) (i32.const 1))
  (i32.const 512))
(func $refers_to_object (result i32) (call $refers (i32.const 25) (i32.const 9) (i32.const 53)))
(func $refers_to_page (result i32) (call $refers (i32.const 34) (i32.const 10) (i32.const 57)))

(func (export "%T%#prepare-internal-object")
  (param i32 i32) (param $body i32) (param $bytes i32) (param i32 i32 i32 i32 i32) (result i32)
  (global.set $body (local.get $body))
  (global.set $bytes (local.get $bytes))
  (if (i32.gt_u (local.get $bytes) (i32.const 3))
    (then (if (i32.eq (i32.and (i32.load (local.get $body)) (i32.const 0xffffff)) (i32.const 0x206b6f))
      (then (return (call $item
        (i32.add (local.get $body) (i32.const 3)) (i32.sub (local.get $bytes) (i32.const 3))))))))
  (call $attack))
(func (export "%T%#get-internal-object-params") (param $id i32) (param $id_bytes i32) (param $type i32) (param $type_bytes i32) (result i32)
  %OBJECT_PARAMS%)
(func (export "%T%#get-internal-document-params") (param $id i32) (param $id_bytes i32) (param $type i32) (param $type_bytes i32) (result i32)
  %DOCUMENT_PARAMS%)
