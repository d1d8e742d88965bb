//! The page as Prometheus reads it: one family after the other.

use crate::Distribution;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeMetric, MetricEncoder, prometheus_text},
    metrics::{MetricType, counter::ConstCounter, gauge::ConstGauge},
    registry::Registry,
};
use std::{borrow::Cow, fmt};

pub use prometheus_client::encoding::prometheus_text::CONTENT_TYPE;

/// What stands before every name.
const PREFIX: &str = "athena";

/// What tells the samples of a family apart. Values are escaped when they are written.
pub type Labels<'a> = Vec<(&'static str, Cow<'a, str>)>;

/// Where families are written. A family is there even when it has no sample yet.
pub struct Page<'a> {
    encoder: DescriptorEncoder<'a>,
}

type Write = Box<dyn Fn(&mut Page<'_>) -> fmt::Result + Send + Sync>;

struct Written(Write);

impl fmt::Debug for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Written")
    }
}

impl Collector for Written {
    fn encode(&self, encoder: DescriptorEncoder<'_>) -> fmt::Result {
        (self.0)(&mut Page { encoder })
    }
}

/// The whole page.
pub fn render(
    write: impl Fn(&mut Page<'_>) -> fmt::Result + Send + Sync + 'static,
) -> Result<String, fmt::Error> {
    let mut registry = Registry::with_prefix(PREFIX);
    registry.register_collector(Box::new(Written(Box::new(write))));
    let mut page = String::new();
    prometheus_text::encode(&mut page, &registry)?;
    Ok(page)
}

impl Page<'_> {
    /// What only grows. The name is without the `_total` that is written behind it.
    pub fn counters<'l>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'l>, u64)>,
    ) -> fmt::Result {
        let mut family = self.encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for (labels, value) in samples {
            ConstCounter::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    pub fn counter(&mut self, name: &str, help: &str, value: u64) -> fmt::Result {
        self.counters(name, help, [(Labels::new(), value)])
    }

    /// What goes up and down.
    pub fn gauges<'l>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'l>, f64)>,
    ) -> fmt::Result {
        let mut family = self.encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
        for (labels, value) in samples {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    pub fn gauge(&mut self, name: &str, help: &str, value: f64) -> fmt::Result {
        self.gauges(name, help, [(Labels::new(), value)])
    }

    pub fn flag(&mut self, name: &str, help: &str, is_on: bool) -> fmt::Result {
        self.gauge(name, help, f64::from(u8::from(is_on)))
    }

    pub fn histograms<'l>(
        &mut self,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Labels<'l>, Distribution)>,
    ) -> fmt::Result {
        let mut family = self.encoder.encode_descriptor(name, help, None, MetricType::Histogram)?;
        for (labels, seen) in samples {
            histogram(family.encode_family(&labels)?, &seen)?;
        }
        Ok(())
    }
}

fn histogram(mut family: MetricEncoder<'_>, seen: &Distribution) -> fmt::Result {
    let no_exemplars = None::<&std::collections::HashMap<usize, _>>;
    family.encode_histogram::<Vec<(&str, &str)>>(
        seen.sum,
        seen.count(),
        &seen.buckets,
        no_exemplars,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Histogram;
    use crate::exposition::Exposition;
    use std::time::Duration;

    #[test]
    fn what_is_written_is_read_by_a_strict_reader_whatever_the_labels_hold() {
        let odd = "a \"quoted\" \\ back\nslash {le=\"1\"} 1\r 名前";
        let page = render(move |page| {
            let histogram = Histogram::default();
            histogram.observe(Duration::from_millis(3));
            page.counters("things", "Things.", [(vec![("name", Cow::Borrowed(odd))], 7)])?;
            page.gauge("level", "A \\ level\nof two lines.", -0.5)?;
            page.counters("nothing", "Nothing yet.", [])?;
            page.histograms("took_seconds", "Time.", [(Labels::new(), histogram.read())])
        });
        let read = Exposition::read(&page.unwrap()).unwrap();
        assert_eq!(read.value("athena_things_total", &[("name", odd)]), Some(7.0));
        assert_eq!(read.value("athena_level", &[]), Some(-0.5));
        assert!(read.has_family("athena_nothing_total"));
        assert_eq!(read.value("athena_took_seconds_count", &[]), Some(1.0));
        assert_eq!(read.value("athena_took_seconds_bucket", &[("le", "0.0025")]), Some(0.0));
        assert_eq!(read.value("athena_took_seconds_bucket", &[("le", "0.005")]), Some(1.0));
        assert_eq!(read.value("athena_took_seconds_bucket", &[("le", "+Inf")]), Some(1.0));
    }
}
