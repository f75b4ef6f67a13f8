;; case: G70
;; what: directories that are open already are looked for: there are none
;; expect: stored
(module
  (import "wasi:filesystem/preopens@0.2.0" "get-directories" (func $directories (param i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (call $directories (i32.const 4096))
    (if (i32.load (i32.const 4100)) (then unreachable))
    (call $item (i32.const 53) (i32.const 4))))
