;; case: G22
;; what: a table of 2^60 elements with 64-bit indices
;; expect: refused invalid-component
;; form: raw
(component
  (core module $module (table i64 0x1000000000000000 funcref))
  (core instance (instantiate $module))
  (instance $nothing)
  (export "lockgate:connector/translator@1.1.0" (instance $nothing)))
