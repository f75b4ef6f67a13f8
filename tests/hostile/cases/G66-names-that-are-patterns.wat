;; case: G66
;; what: code names to look up that other systems take for patterns, quotes or paths
;; expect: fails unresolved-reference
;; says: next
;; payload: %
;; payload: *
;; payload: ?????
;; payload: oth_r
;; payload: other' or '1'='1
;; payload: '; drop table objects; --
;; payload: ../good/other
;; payload: other%00
(module %MEMORY% %METHODS%
  (func $attack (result i32) (call $refers_to_object))
  (func $object_params (result i32)
    (memory.fill (i32.const 512) (i32.const 0) (i32.const 64))
    (i32.store (i32.const 516) (global.get $body))
    (i32.store (i32.const 520) (global.get $bytes))
    (i32.const 512)))
