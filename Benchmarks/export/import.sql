SELECT (admin.import_org('acme', 'benchmark')).id;
