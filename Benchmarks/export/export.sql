SELECT count(*) FROM admin.export_org('acme', 'benchmark');
