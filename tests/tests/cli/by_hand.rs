//! Programs that somebody starts to see what they are.

use std::process::Command;

use guard_tests::process::Ran;

#[test]
fn the_function_says_what_it_is() {
    for arguments in [&[][..], &["--help"]] {
        let mut function = Command::new(env!("CARGO_BIN_EXE_bootstrap-under-test"));
        let ran: Ran = function.args(arguments).env_clear().output().unwrap().into();
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.lines().count()), (2, "", 1), "{}", ran.shown());
        assert!(ran.stderr.starts_with("This is Notebook Guard's Lambda function"), "{}", ran.stderr);
    }
}

#[test]
fn the_demo_has_help_and_takes_no_arguments() {
    let demo = |arguments: &[&str]| -> Ran {
        Command::new(env!("CARGO_BIN_EXE_demo")).args(arguments).env_clear().output().unwrap().into()
    };
    for help in ["--help", "-h"] {
        let ran = demo(&[help]);
        assert_eq!((ran.code, ran.stderr.as_str()), (0, ""), "{}", ran.shown());
        assert!(ran.stdout.contains("Usage: cargo demo"), "{}", ran.stdout);
    }
    let ran = demo(&["--fast"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{}", ran.shown());
    assert!(ran.stderr.starts_with("error: the demo takes no argument `--fast`"), "{}", ran.stderr);
}
