;; case: G70
;; what: a connection to 127.0.0.1 is made by a socket: it is not allowed
;; expect: stored
(module
  (import "wasi:sockets/instance-network@0.2.0" "instance-network" (func $network (result i32)))
  (import "wasi:sockets/tcp-create-socket@0.2.0" "create-tcp-socket" (func $create (param i32 i32)))
  (import "wasi:sockets/tcp@0.2.0" "[method]tcp-socket.start-connect"
    (func $connect (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))
  %MEMORY% %METHODS%
  (func $attack (result i32)
    (call $create (i32.const 0) (i32.const 4096))
    ;; No socket at all is as good as one that does not connect.
    (if (i32.eqz (i32.load8_u (i32.const 4096))) (then
      (call $connect (i32.load (i32.const 4100)) (call $network)
        (i32.const 0) (i32.const 80) (i32.const 127) (i32.const 0) (i32.const 0) (i32.const 1)
        (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 4112))
      (if (i32.eqz (i32.load8_u (i32.const 4112))) (then unreachable))))
    (call $item (i32.const 53) (i32.const 4))))
