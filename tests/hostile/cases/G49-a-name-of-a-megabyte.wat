;; case: G49
;; what: a code name of 900 kB in one line
;; expect: fails bad-output
;; says: code-name
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (memory.grow (i32.const 16)))
    (memory.fill (i32.const 16384) (i32.const 120) (i32.const 900000))
    (call $item (i32.const 16384) (i32.const 900000))))
