SELECT count(*) FROM admin.diff_org('acme');
