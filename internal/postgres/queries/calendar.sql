-- name: SetCalendarHash :execrows
UPDATE users SET calendar_hash = sqlc.narg(hash) WHERE id = @id AND active;

-- name: UserByCalendarHash :one
SELECT * FROM users WHERE calendar_hash = @hash AND active;

-- The calls that a rep has agreed or promised, and those that were to take place
-- since an instant. One that was closed before its time fell away.
-- name: CalendarOf :many
SELECT t.id, t.touch, t.due_at, t.prompt, t.call_uid, t.call_seq, t.created_at, p.id AS person_id, p.name, l.person_id AS lead_person_id,
    coalesce(a.name, '')::text AS account, coalesce(l.state -> 'invited', '[]')::jsonb AS invited
FROM tasks t JOIN leads l ON l.id = t.lead_id JOIN people p ON p.id = t.person_id LEFT JOIN accounts a ON a.id = l.account_id
WHERE t.owner_id = @owner_id AND t.kind = 'call' AND t.promised AND t.due_at >= @since
  AND (t.state = 'open' OR t.closed_at >= t.due_at AND (t.state = 'done' OR t.result = 'outcome recorded'))
ORDER BY t.due_at, t.id LIMIT 1000;

-- name: InsertInvitationAnswer :execrows
INSERT INTO invitation_answers (id, lead_id, person_id, uid, seq, answer, proposed_at, received_at)
VALUES (@id, @lead_id, @person_id, @uid, @seq, @answer, sqlc.narg(proposed_at), @received_at)
ON CONFLICT (id) DO NOTHING;

-- name: LeadInvolves :one
SELECT EXISTS (SELECT 1 FROM leads l WHERE l.id = @lead_id AND NOT l.final AND (l.person_id = @person_id
    OR EXISTS (SELECT 1 FROM stakeholders s WHERE s.lead_id = l.id AND s.person_id = @person_id)));
