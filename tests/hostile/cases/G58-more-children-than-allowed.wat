;; case: G58
;; what: an object with 10,001 children, within the limit on bytes
;; expect: fails bad-output
;; says: children
;; limits: output_kib=8192
;; data: snapshot
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 20)))
    (drop (call $item (i32.const 53) (i32.const 4)))
    (i32.store (i32.const 604) (i32.const 131072))
    (i32.store (i32.const 608) (i32.const 10001))
    (i32.const 512)))
