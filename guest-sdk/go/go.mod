module lockgate

go 1.27
