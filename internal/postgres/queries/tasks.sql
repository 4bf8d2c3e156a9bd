-- name: SupersedeCall :exec
UPDATE tasks SET state = 'cancelled', closed_at = @at, result = 'replaced by a newer call'
WHERE person_id = @person_id AND kind = 'call' AND state = 'open' AND touch <> @touch;

-- name: InsertTask :execrows
INSERT INTO tasks (id, lead_id, touch, kind, owner_id, person_id, due_at, promised, hot, prompt, rule, created_at, call_uid, call_seq, voicemail)
SELECT @id, l.id, @touch, @kind, coalesce((SELECT m.user_id FROM mailboxes m WHERE m.name = @by_mailbox::text), l.owner_id), @person_id, @due_at, @promised, @hot, @prompt, @rule, @at, @call_uid, @call_seq, @voicemail
FROM leads l WHERE l.id = @lead_id
ON CONFLICT (lead_id, touch) DO NOTHING;

-- name: CancelTasks :exec
UPDATE tasks SET state = 'cancelled', closed_at = @at, result = @why
WHERE lead_id = @lead_id AND state = 'open' AND (@kind::text = '' OR kind = @kind)
  AND (sqlc.narg(person_id)::uuid IS NULL OR person_id = sqlc.narg(person_id))
  AND (NOT @about_the_lead::bool OR person_id = (SELECT l.person_id FROM leads l WHERE l.id = @lead_id))
  AND substring(touch FROM '[0-9]+')::int > @after::int AND substring(touch FROM '[0-9]+')::int <= @up_to::int;

-- name: CancelTasksOfPerson :exec
UPDATE tasks SET state = 'cancelled', closed_at = @at, result = 'they said stop' WHERE person_id = @person_id AND state = 'open';

-- name: MoveTasks :exec
UPDATE tasks SET owner_id = @owner_id WHERE lead_id = @lead_id AND state = 'open'
  AND owner_id = (SELECT l.owner_id FROM leads l WHERE l.id = @lead_id); -- what the playbook gave to somebody else stays there

-- name: CompleteTask :execrows
UPDATE tasks SET state = 'done', closed_at = @at, result = @result WHERE id = @id AND (state = 'open' OR state = 'cancelled' AND result IN ('outcome recorded', 'diagnosed', 'they said stop'));

-- name: Task :one
SELECT * FROM tasks WHERE id = @id;

-- Which tasks come first is found out before anything else about them is read; of a
-- lead's state what its priority does not need is left where it is.
-- name: Queue :many
WITH first AS MATERIALIZED (
    SELECT o.id FROM (SELECT sqlc.arg(now)::timestamptz AS now) clock, tasks o JOIN leads w ON w.id = o.lead_id
    WHERE o.state = 'open'
      AND (sqlc.narg(owner_id)::uuid IS NULL OR o.owner_id = sqlc.narg(owner_id))
      AND (sqlc.narg(kind)::text IS NULL OR o.kind = sqlc.narg(kind))
      AND o.due_at <= sqlc.arg(until)::timestamptz
      AND (o.snoozed_until IS NULL OR o.snoozed_until <= clock.now)
    ORDER BY (o.promised AND o.due_at <= clock.now) DESC, o.hot DESC,
        w.value * (1 + greatest(0, extract(epoch FROM clock.now - o.due_at) / 86400)) DESC, o.due_at, o.id
    LIMIT @most
)
SELECT t.*, p.name, p.phone, p.email, p.zone, coalesce(a.name, '')::text AS account, l.stage,
    (l.state - '{undo,next,watch,because,others,once,did,channels,tried,invited,talking}'::text[])::jsonb AS lead_state, l.playbook
FROM first JOIN tasks t ON t.id = first.id JOIN leads l ON l.id = t.lead_id JOIN people p ON p.id = t.person_id
LEFT JOIN accounts a ON a.id = l.account_id;

-- name: InsertNotification :exec
INSERT INTO notifications (id, lead_id, who, user_id, about, rule, at)
SELECT @id, l.id, @who::text, CASE WHEN @who::text = 'owner' THEN l.owner_id END, @about, @rule, @at FROM leads l WHERE l.id = @lead_id
ON CONFLICT DO NOTHING;

-- name: NotificationsFor :many
-- What somebody was told and has not seen, the newest first, and how much that is in all.
SELECT n.*, count(*) OVER () AS unread FROM notifications n
WHERE (n.user_id = sqlc.narg(user_id) OR (@manager::boolean AND n.who = 'manager')) AND n.read_at IS NULL
  AND NOT EXISTS (SELECT FROM notification_reads r WHERE r.notification_id = n.id AND r.reader = @reader)
ORDER BY n.at DESC, n.id LIMIT @most;

-- name: ToldTo :one
SELECT EXISTS (SELECT FROM notifications WHERE id = @id AND (user_id = sqlc.narg(user_id) OR (@manager::boolean AND who = 'manager')));

-- name: ReadNotifications :execrows
-- One, or all that its reader was told up to it.
INSERT INTO notification_reads (notification_id, reader, read_at)
SELECT n.id, @reader, @at FROM notifications one JOIN notifications n ON n.id = one.id OR @older::boolean AND (n.at, one.id) <= (one.at, n.id)
WHERE one.id = @id AND (n.user_id = sqlc.narg(user_id) OR (@manager::boolean AND n.who = 'manager'))
ON CONFLICT DO NOTHING;

-- name: ForgetNotifications :exec
DELETE FROM notifications WHERE id IN (SELECT n.id FROM notifications n WHERE n.at < @before LIMIT @most);

-- name: SnoozeTask :execrows
UPDATE tasks SET snoozed_until = @until WHERE id = @id AND state = 'open';

-- name: HandOverTask :execrows
UPDATE tasks SET owner_id = @owner_id, snoozed_until = NULL WHERE id = @id AND state = 'open';

-- name: WorksOn :one
SELECT EXISTS (SELECT FROM tasks WHERE lead_id = @lead_id AND owner_id = @owner_id AND state = 'open');

-- name: OpenTasksOf :many
SELECT id, touch, kind, person_id, due_at, promised FROM tasks WHERE lead_id = @lead_id AND state = 'open' ORDER BY due_at, id;
