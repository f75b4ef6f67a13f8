;; case: G70
;; what: the name `localhost` is resolved: it is not allowed
;; expect: stored
(module
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/ip-name-lookup@0.2.0" "resolve-addresses" (func $resolve (param i32 i32 i32 i32)))
  %MEMORY% %METHODS%
  (data (i32.const 4096) "localhost")
  (func $attack (result i32)
    (call $resolve (call $network) (i32.const 4096) (i32.const 9) (i32.const 4112))
    (if (i32.eqz (i32.load8_u (i32.const 4112))) (then unreachable))
    (call $item (i32.const 53) (i32.const 4))))
