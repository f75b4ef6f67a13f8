;; case: G46
;; what: a text of 60 MiB
;; expect: fails output-limit
;; limits: memory_mib=128 output_kib=8192
;; peak-mib: 16
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 1000)))
    (call $skip (i32.const 8192) (i32.const 62914560))))
