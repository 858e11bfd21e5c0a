-- countered_by is free text: these are its phrases in data 1.0.0
SELECT *
FROM claims
WHERE (promotes && ARRAY['TAM', '5''-AMP cell']
    OR opposes && ARRAY['TAM', '5''-AMP cell'])
  AND therapy IN ('radio', 'chemo')
  AND refs && ARRAY[51, 52]
  AND NOT (countered_by && ARRAY['back\slash'])
  AND coalesce(note, '') <> ''
ORDER BY n
LIMIT 20
