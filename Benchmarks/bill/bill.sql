SELECT * FROM admin.bill_total('2025-01-01', '2026-01-01');
