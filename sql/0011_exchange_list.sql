-- The list of all exchanges goes by their numbers, as every other list of what is written down.

drop index synchronizations_created_at;
create index synchronizations_id on synchronizations (id desc);
