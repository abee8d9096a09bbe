//! Lists that are read page by page, with an account of what was asked.

use crate::aws::AwsRefusal;
use crate::evidence::Moment;
use crate::evidence::rows::Asked;
use crate::observe::Read;

/// A list as far as it came.
pub(super) struct Pages<T> {
    pub(super) items: Vec<T>,
    pub(super) asked: Asked,
    /// What ended it early.
    pub(super) refusal: Option<AwsRefusal>,
}

/// Asks for page after page. An empty page is not the last one: AWS says so of its lists.
pub(super) async fn pages<T, F>(call: &str, region: &str, page: impl Fn(Option<String>) -> F) -> Pages<T>
where
    F: Future<Output = Read<(Vec<T>, Option<String>)>>,
{
    let mut list = Pages { items: Vec::new(), asked: begun(call), refusal: None };
    let mut token = None;
    loop {
        match page(token.clone()).await {
            Ok((items, next)) => {
                list.asked.pages += 1;
                list.asked.items += items.len() as u64;
                list.items.extend(items);
                if next.is_none() {
                    return list;
                }
                if next == token {
                    return list.ended(odd(call, region, "the next page of the list is the same page again"));
                }
                token = next;
            }
            Err(refusal) => return list.ended(refusal),
        }
    }
}

impl<T> Pages<T> {
    fn ended(mut self, refusal: AwsRefusal) -> Self {
        self.asked.error = Some(refusal.to_string());
        self.refusal = Some(refusal);
        self
    }
}

/// A call that is about to be made.
pub(super) fn begun(call: &str) -> Asked {
    Asked { call: call.to_owned(), at: Moment::now(), pages: 0, items: 0, error: None }
}

/// An answer that cannot be used.
pub(super) fn odd(call: &str, region: &str, message: &str) -> AwsRefusal {
    AwsRefusal {
        call: call.to_owned(),
        region: region.to_owned(),
        code: None,
        message: message.to_owned(),
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn listed(tokens: &[Option<&str>], fails_at: usize) -> Pages<usize> {
        let at = std::cell::Cell::new(0);
        pages("config:Describe", "eu-west-1", |_| {
            let number = at.replace(at.get() + 1);
            let next = tokens.get(number).copied().flatten().map(str::to_owned);
            async move {
                if number == fails_at {
                    Err(odd("config:Describe", "eu-west-1", "no"))
                } else {
                    Ok((vec![number], next))
                }
            }
        })
        .await
    }

    #[tokio::test]
    async fn what_came_before_an_error_is_kept() {
        let list = listed(&[Some("1"), Some("2"), None], 2).await;
        assert_eq!((list.items.as_slice(), list.asked.pages, list.asked.items), (&[0, 1][..], 2, 2));
        assert_eq!(list.asked.error.as_deref(), Some("config:Describe in eu-west-1: no"));
    }

    #[tokio::test]
    async fn the_same_page_again_and_again_is_an_error() {
        let list = listed(&[Some("1"), Some("1"), Some("1")], usize::MAX).await;
        assert!(list.asked.error.unwrap().contains("the same page again"));
        assert_eq!(list.asked.pages, 2);
    }

    #[tokio::test]
    async fn the_last_page_ends_it() {
        assert!(listed(&[Some("1"), None], usize::MAX).await.refusal.is_none());
    }
}
