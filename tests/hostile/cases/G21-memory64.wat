;; case: G21
;; what: a component with a memory of 64-bit addresses
;; expect: refused invalid-component
;; form: raw
(component
  (core module $module (memory i64 0x1000000))
  (core instance (instantiate $module))
  (instance $nothing)
  (export "lockgate:connector/translator@1.1.0" (instance $nothing)))
