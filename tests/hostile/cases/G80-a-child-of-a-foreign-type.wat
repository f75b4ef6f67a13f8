;; case: G80
;; what: a child of a type that cannot stand there
;; expect: fails invalid-object
;; data: snapshot
(module %MEMORY% %METHODS%
  (func $attack (result i32)
    (drop (call $item (i32.const 53) (i32.const 4)))
    (i32.store (i32.const 4104) (i32.const 25))
    (i32.store (i32.const 4108) (i32.const 9))
    (i32.store (i32.const 4112) (i32.const 57))
    (i32.store (i32.const 4116) (i32.const 4))
    (i32.store (i32.const 604) (i32.const 4096))
    (i32.store (i32.const 608) (i32.const 1))
    (i32.const 512)))
