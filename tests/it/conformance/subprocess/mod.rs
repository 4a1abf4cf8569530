//! The promises of `subprocess::Backend` and of what is written over it.

mod asynchronous;
mod errors;
mod fixture;
mod machine;
mod memory;
mod pipeline;
mod popen;
mod run;
mod settings;
mod stdio;
mod text;
mod timeout;
mod unknown;

use asynchronous::*;
use errors::*;
use fixture::{Fixture, NOT_REMOTE};
use pipeline::*;
use popen::*;
use run::*;
use settings::*;
use stdio::*;
use text::*;
use timeout::*;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    remote = Fixture::remote,
    except = NOT_REMOTE,
    [
        // run
        the_exit_status_is_returned,
        output_and_error_are_captured_apart,
        nothing_is_captured_unless_asked,
        check_fails_on_an_exit_status,
        check_passes_on_zero,
        check_fails_on_a_signal,
        a_signal_is_a_negative_returncode,
        input_is_fed_and_closed,
        empty_input_is_the_end,
        a_megabyte_goes_in_and_out,
        output_takes_no_more_than_twice_its_memory,
        a_program_need_not_read_its_input,
        a_run_can_be_kept_and_used_twice,
        arguments_can_be_added,
        arguments_go_through_unchanged,
        call_gives_the_status,
        check_call_fails_on_a_status,
        check_output_gives_the_output,
        check_output_with_capture_keeps_the_error,
        getoutput_merges_and_strips_one_newline,
        getstatusoutput_gives_the_status,
        getstatusoutput_of_a_signal_is_negative,
        system_gives_the_wait_status,
        shell_pipe_reads,
        shell_pipe_writes,
        shell_pipe_refuses_other_modes,
        // errors
        a_missing_program_is_named,
        a_missing_path_is_named,
        a_program_is_no_line,
        a_directory_is_no_program,
        a_file_that_is_not_executable_is_refused,
        a_way_through_a_file_is_no_directory,
        a_missing_directory_is_blamed,
        a_directory_that_is_a_file_is_blamed,
        the_program_is_blamed_where_the_directory_is_there,
        an_empty_name_is_refused,
        no_program_is_a_value_error,
        nul_bytes_are_refused,
        names_of_variables_are_checked,
        settings_that_contradict_are_refused,
        what_is_not_implemented_says_so,
        messages_are_one_line,
        secrets_do_not_show,
        // settings
        the_directory_is_the_batteries_own,
        cwd_is_where_it_runs,
        a_relative_cwd_is_relative_to_the_batteries,
        a_relative_program_is_looked_for_in_cwd,
        the_environment_is_the_batteries_own,
        env_replaces_everything,
        env_update_adds_and_overrides,
        the_childs_path_finds_the_program,
        without_a_path_there_is_bin,
        executable_replaces_the_program,
        shell_runs_a_line,
        shell_takes_arguments,
        a_shell_of_ones_own,
        // stdio
        devnull_is_empty,
        devnull_swallows,
        stderr_into_stdout_keeps_the_order,
        stdout_into_a_file,
        stdin_from_a_file,
        the_output_of_one_is_the_input_of_the_next,
        the_capacity_of_a_pipe_can_be_set,
        // text
        text_translates_newlines,
        bytes_stay_as_they_are,
        text_that_is_none_is_an_error,
        error_handlers_replace,
        other_encodings,
        input_is_encoded,
        unknown_names_are_lookup_errors,
        what_was_not_captured_has_no_text,
        lines_come_as_they_are,
        lines_in_text_mode_end_at_carriage_returns,
        lines_end_with_the_failure,
        lines_can_be_left,
        lines_of_an_endless_program,
        lines_have_a_deadline,
        lines_keep_the_error,
        // timeout
        a_deadline_kills,
        a_deadline_keeps_the_output_so_far,
        a_deadline_holds_though_a_grandchild_keeps_the_pipe,
        a_deadline_holds_for_one_that_ignores_sigterm,
        a_deadline_holds_for_one_that_writes_for_ever,
        a_deadline_holds_for_one_that_closed_its_pipes,
        a_deadline_that_is_not_reached_changes_nothing,
        no_time_at_all_is_too_little,
        a_grandchild_delays_the_end_without_a_deadline,
        a_session_is_killed_as_a_whole,
        // popen
        poll_is_none_while_it_runs,
        wait_with_a_timeout_lets_it_go_on,
        kill_terminate_and_signal,
        a_signal_can_be_ignored_or_caught,
        a_signal_after_the_end_does_nothing,
        a_signal_that_does_not_exist_is_an_error,
        stopped_and_continued,
        communicate_exchanges,
        communicate_can_be_repeated_after_a_timeout,
        communicate_refuses_what_makes_no_sense,
        one_can_talk_with_a_program,
        closing_stdin_is_the_end,
        writing_to_one_that_has_ended_is_a_broken_pipe,
        one_that_nobody_reads_dies_of_sigpipe,
        a_full_pipe_holds_it_up,
        output_is_there_after_the_end,
        reading_ahead_loses_nothing,
        dropping_kills_the_tree,
        dropping_one_that_has_ended_kills_nothing,
        detached_it_goes_on,
        kill_tree_takes_the_grandchildren,
        its_attributes,
        popen_takes_no_settings_of_run,
        // pipeline
        three_in_a_row,
        a_row_with_input,
        a_row_fails_with_any_of_them,
        a_row_without_check_tells_all,
        sigpipe_is_no_failure_of_a_row,
        a_row_whose_second_is_missing_leaves_nothing,
        a_row_has_one_deadline,
        a_row_refuses_what_belongs_to_it,
        // asynchronous
        awaited_it_gives_the_same,
        awaited_it_fails_the_same,
        awaited_together_they_run_together,
        awaited_it_has_a_deadline,
        dropping_the_future_kills_the_tree,
        a_future_never_polled_does_nothing,
        communicate_can_be_awaited,
        an_end_can_be_awaited,
        a_row_can_be_awaited,
    ]
);
