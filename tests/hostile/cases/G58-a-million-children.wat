;; case: G58
;; what: an object with a million children, all made of the same empty bytes
;; expect: fails output-limit
;; limits: memory_mib=64 output_kib=1024
;; data: snapshot
;; peak-mib: 16
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 900)))
    (drop (call $item (i32.const 53) (i32.const 4)))
    (i32.store (i32.const 604) (i32.const 131072))
    (i32.store (i32.const 608) (i32.const 1000000))
    (i32.const 512)))
