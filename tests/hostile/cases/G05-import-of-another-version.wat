;; case: G05
;; what: an import of the contract in a version that this host does not offer
;; expect: refused incompatible-contract
;; says: 0.3.0
;; form: raw
(component
  (import "lockgate:connector/log@0.3.0" (instance))
  (instance $nothing)
  (export "lockgate:connector/translator@1.1.0" (instance $nothing)))
