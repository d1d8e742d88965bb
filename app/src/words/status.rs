//! A status word as a moon phase: shape and word carry it, colour only where a hand is needed.

/// How a status is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// The symbol: `ph-paid`.
    pub symbol: &'static str,
    /// The glyph's colour class.
    pub tone: &'static str,
    /// The word's class: loud when it needs a hand, quiet when it is over.
    pub word: &'static str,
}

const fn phase(symbol: &'static str, tone: &'static str, word: &'static str) -> Phase {
    Phase { symbol, tone, word }
}

/// The phase of a status word, whatever its case; unknown words are an open ring.
pub fn phase_of(status: &str) -> Phase {
    match status.to_ascii_lowercase().as_str() {
        "draft" | "new" | "created" | "planned" | "inactive" => phase("ph-draft", "plain", "off"),
        "pending" | "processing" | "waiting" | "in_progress" | "running" | "queued" | "partial"
        | "on_hold" | "trialing" => phase("ph-pending", "warn", ""),
        "paid" | "done" | "completed" | "complete" | "success" | "succeeded" | "resolved"
        | "closed" | "delivered" | "accepted" | "settled" => phase("ph-paid", "ok", ""),
        "overdue" | "failed" | "error" | "late" | "past_due" | "blocked" | "urgent" => {
            phase("ph-overdue", "bad", "bad")
        }
        "uncollectable" | "rejected" | "expired" | "lost" | "no_match" => {
            phase("ph-uncollectable", "plain", "off")
        }
        "cancelled" | "canceled" | "void" | "voided" | "archived" | "refunded" | "deleted"
        | "disabled" => phase("ph-cancelled", "plain", "off"),
        _ => phase("ph-open", "info", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_a_hand_is_loud() {
        assert_eq!(phase_of("Overdue").word, "bad");
        assert_eq!(phase_of("paid").symbol, "ph-paid");
        assert_eq!(phase_of("something_else").symbol, "ph-open");
    }
}
