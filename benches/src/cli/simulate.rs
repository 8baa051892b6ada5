//! `learnflow-bench provider`.

use learnflow_bench::provider::{Bodies, Config, Profile, Provider};

use super::{Exit, ProviderArgs, asked_to_stop, complain, say};

/// Serves until it is asked to stop.
pub(super) async fn provider(args: ProviderArgs) -> Exit {
    if !(0.0..=1.0).contains(&args.fault_rate) {
        return complain(Exit::Usage, &"--fault-rate must be 0 to 1");
    }
    let config = Config {
        listen: args.listen,
        profile: Profile {
            first_token_ms: args.first_token_ms,
            tokens_per_s: args.tokens_per_s,
            answer_tokens: args.answer_tokens,
            fault: args.fault,
            fault_rate: args.fault_rate,
            fault_calls: args.fault_calls,
            ..Profile::default()
        },
        bodies: if args.keep_bodies { Bodies::Keep } else { Bodies::Forget },
        ledger_file: args.ledger,
        hang_ms: args.hang_ms,
    };
    let provider = match Provider::start(config).await {
        Ok(provider) => provider,
        Err(problem) => return complain(Exit::Failed, &format!("{}: {problem}", args.listen)),
    };
    say(&format!("listening on {}", provider.base_url()));
    asked_to_stop().await;
    let ledger = provider.ledger();
    provider.close_port().await;
    say(&format!(
        "{} calls: {} finished, {} aborted, {} by fault; {} prompts came more than once",
        ledger.calls,
        ledger.finished,
        ledger.aborted,
        ledger.faulted,
        ledger.repeated.len()
    ))
}
