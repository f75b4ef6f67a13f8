module shop

go 1.27

require lockgate v0.0.0

replace lockgate => ../../../../guest-sdk/go
