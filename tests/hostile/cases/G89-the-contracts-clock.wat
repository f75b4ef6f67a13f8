;; case: G89
;; what: the contract's own clock gives whole milliseconds
;; expect: stored
(module
  (import "lockgate:connector/clock@1.1.0" "now-ms" (func $now (result f64)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (local $ms f64)
    (local.set $ms (call $now))
    (if (f64.ne (local.get $ms) (f64.trunc (local.get $ms))) (then unreachable))
    (call $item (i32.const 53) (i32.const 4))))
