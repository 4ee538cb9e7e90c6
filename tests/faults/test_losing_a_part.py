"""Two processes, a primary, a replica: whichever is lost, newcomers are answered and nothing acknowledged is lost."""

from tests.faults.servers import Cluster, load, wait_until

_LISTENERS = "FROM pg_stat_activity WHERE application_name = 'kindred listening'"


def test_what_one_process_writes_shows_in_its_next_answer_and_soon_in_the_others(cluster: Cluster) -> None:
    writer, other = cluster.processes
    group_id = cluster.new_id()
    assert cluster.put(0, group_id).status == 201
    assert group_id in cluster.shown(writer)
    wait_until(lambda: group_id in cluster.shown(other), "the other process knows the group")
    assert writer.ask("DELETE", f"/v1/groups/{group_id}", key=cluster.key).status == 204
    assert group_id not in cluster.shown(writer)
    wait_until(lambda: group_id not in cluster.shown(other), "the other process has forgotten the group")


def test_each_process_listens_on_one_connection_of_its_own(cluster: Cluster) -> None:
    listening = cluster.primary.command(f"SELECT query {_LISTENERS}")
    assert [query for (query,) in listening] == ["LISTEN kindred_directory"] * 2


def test_a_process_that_is_killed_takes_nothing_with_it(cluster: Cluster) -> None:
    acknowledged = []
    with load(cluster) as replies:
        for number in range(12):
            if number == 4:
                cluster.processes[0].kill()
            group_id = cluster.new_id()
            if cluster.put(0, group_id).status in {200, 201}:
                acknowledged.append(group_id)
    assert {reply.status for reply in replies} == {200}
    assert len(acknowledged) == 12
    cluster.processes[0].start()
    wait_until(cluster.processes[0].is_alive, "the process serves again")
    cluster.wait_until_agreed()
    for process in cluster.processes:
        for group_id in acknowledged:
            assert process.ask("GET", f"/v1/groups/{group_id}").status == 200


def test_without_the_replica_all_goes_on(cluster: Cluster) -> None:
    with load(cluster) as replies:
        cluster.replica.kill()
        group_id = cluster.new_id()
        assert cluster.put(0, group_id).status == 201
        cluster.wait_until_agreed()
        assert cluster.ask_any(1, "GET", f"/v1/groups/{group_id}").status == 200
        cluster.replica.start()
    assert {reply.status for reply in replies} == {200}
    cluster.wait_until_agreed()


def test_without_the_primary_newcomers_are_answered_and_what_was_acknowledged_is_there_after(cluster: Cluster) -> None:
    acknowledged, refused = [], 0
    with load(cluster) as replies:
        for number in range(8):
            if number == 4:
                cluster.primary.kill()
            group_id = cluster.new_id()
            status = cluster.put(number % 2, group_id).status
            acknowledged += [group_id] if status == 201 else []
            refused += status == 503
        for process in cluster.processes:
            assert process.ask("GET", f"/v1/groups/{acknowledged[0]}").status == 200
            assert process.ask("GET", "/readyz").status == 200
        cluster.primary.start()
    assert {reply.status for reply in replies} == {200}
    assert (len(acknowledged), refused) == (4, 4)
    cluster.wait_until_agreed()
    assert set(acknowledged) <= {group_id for (group_id,) in cluster.primary.command("SELECT id FROM groups")}
    wait_until(lambda: cluster.primary.command(f"SELECT count(*) {_LISTENERS}") == [(2,)], "all listen again")
    group_id = cluster.new_id()
    assert cluster.put(0, group_id).status == 201
    wait_until(lambda: group_id in cluster.shown(cluster.processes[1]), "the other process hears again")


def test_without_any_database_newcomers_are_answered_from_what_was_read(cluster: Cluster) -> None:
    before = cluster.wait_until_agreed()
    with load(cluster) as replies:
        cluster.primary.kill()
        cluster.replica.kill()
        assert {cluster.recommend(process)["versions"]["directory"] for process in cluster.processes} == {before}
        assert cluster.put(0, cluster.new_id()).status == 503
        cluster.primary.start()
        cluster.replica.start()
    assert {reply.status for reply in replies} == {200}
    cluster.wait_until_agreed()


def test_what_was_written_while_a_process_could_not_listen_is_taken_in(cluster: Cluster) -> None:
    cluster.wait_until_agreed()
    cluster.primary.command(f"SELECT pg_terminate_backend(pid) {_LISTENERS}")
    group_id = cluster.new_id()
    assert cluster.put(0, group_id).status == 201
    wait_until(lambda: group_id in cluster.shown(cluster.processes[1]), "the group is taken in")
    wait_until(lambda: cluster.primary.command(f"SELECT count(*) {_LISTENERS}") == [(2,)], "all listen again")


def test_a_replica_that_lags_holds_nothing_up(cluster: Cluster) -> None:
    writer, other = cluster.processes
    cluster.wait_until_agreed()
    cluster.replica.command("SELECT pg_wal_replay_pause()")
    try:
        group_id = cluster.new_id()
        assert cluster.put(0, group_id).status == 201
        assert group_id in cluster.shown(writer)
        assert writer.ask("GET", f"/v1/groups/{group_id}").status == 200
        wait_until(lambda: group_id in cluster.shown(other), "the primary is read instead")
        cluster.wait_until_agreed()
    finally:
        cluster.replica.command("SELECT pg_wal_replay_resume()")
    cluster.wait_until_agreed()
