//! A service's listings, one row each: their token parameters and lists.

/// Appends a page's list to that of the previous pages.
pub(in crate::boto3) fn extend<T>(all: &mut Option<Vec<T>>, more: Option<Vec<T>>) {
    match (all, more) {
        (Some(all), Some(more)) => all.extend(more),
        (all @ None, more) => *all = more,
        (Some(_), None) => {}
    }
}

/// A missing or empty token is not a token.
pub(in crate::boto3) fn some(token: Option<&String>) -> Option<String> {
    token.filter(|token| !token.is_empty()).cloned()
}

/// Implements [`Pageable`] for a service's inputs, and the type of `client.paginate()` with a
/// method for each.
macro_rules! pageable {
    ($Paginator:ident over $Backend:path: $(
        #[doc(alias = $alias:literal)]
        $operation:ident($Input:ident) -> $Output:ident {
            tokens: [$($token:literal => $set_token:ident = $take:expr),+];
            more: $more:expr;
            limit: [$($limit:ident)?];
            lists: [$first_key:literal => $first:ident: $First:ty $(, $key:literal => $list:ident: $Item:ty)*];
            kept: [$($kept:ident),*];
            next_token: [$($next_token:ident)?];
            numeric: $numeric:literal;
        }
    )+) => {
        $(
            impl $crate::boto3::paginate::Pageable for $Input {
                type Backend = dyn $Backend;
                type Output = $Output;
                type Iters = (
                    $crate::boto3::paginate::ResultKeyIterator<$Input, $First>,
                    $($crate::boto3::paginate::ResultKeyIterator<$Input, $Item>,)*
                );
                const OPERATION: &'static str = stringify!($operation);
                const INPUT_TOKENS: &'static [&'static str] = &[$($token),+];
                const RESULT_KEYS: &'static [&'static str] = &[$first_key $(, $key)*];
                const NUMERIC: bool = $numeric;

                fn send(self, backend: std::sync::Arc<dyn $Backend>) -> BoxFuture<Result<$Output>> {
                    Box::pin(async move { backend.$operation(self).await })
                }

                #[allow(unused_variables, unreachable_code)]
                fn page_size(self, size: i32) -> Option<Self> {
                    $(return Some(self.$limit(size));)?
                    None
                }

                fn resume(self, tokens: &[Option<String>]) -> Self {
                    let mut tokens = tokens.iter().cloned();
                    self$(.$set_token(tokens.next().flatten()))+
                }

                fn tokens(page: &$Output) -> Vec<Option<String>> {
                    let more: fn(&$Output) -> bool = $more;
                    let take: &[fn(&$Output) -> Option<String>] = &[$($take),+];
                    // In Python, the number 0 is not a token.
                    let token = |take: &fn(&$Output) -> Option<String>| take(page).filter(|token| !($numeric && token == "0"));
                    if more(page) { take.iter().map(token).collect() } else { Vec::new() }
                }

                fn count(page: &$Output) -> usize {
                    page.$first.as_ref().map_or(0, Vec::len)
                }

                fn skip(page: &mut $Output, n: usize) {
                    if let Some(items) = &mut page.$first {
                        items.drain(..n.min(items.len()));
                    }
                    $(page.$list.iter_mut().for_each(Vec::clear);)*
                }

                fn truncate(page: &mut $Output, n: usize) {
                    if let Some(items) = &mut page.$first {
                        items.truncate(n);
                    }
                }

                fn append(whole: &mut $Output, page: $Output) {
                    $crate::boto3::paginate::extend(&mut whole.$first, page.$first);
                    $($crate::boto3::paginate::extend(&mut whole.$list, page.$list);)*
                }

                #[allow(unused_variables, unused_mut)]
                fn kept(page: &$Output) -> $Output {
                    let mut kept = $Output::builder().build();
                    $(kept.$kept = page.$kept.clone();)*
                    kept
                }

                #[allow(unused_variables)]
                fn set_next_token(whole: &mut $Output, token: Option<String>) {
                    $(whole.$next_token = token;)?
                }

                fn iters(pages: $crate::boto3::paginate::Pages<$Input>) -> Self::Iters {
                    let tee = $crate::boto3::paginate::Tee::new(pages);
                    (
                        $crate::boto3::paginate::ResultKeyIterator::new(&tee, |page| page.$first.clone()),
                        $($crate::boto3::paginate::ResultKeyIterator::new(&tee, |page| page.$list.clone()),)*
                    )
                }
            }
        )+

        /// The listings of this service: `client.paginate().list_..(|list| list..)`, Python's
        /// `client.get_paginator("list_..").paginate(..)`.
        #[derive(Clone, Debug)]
        pub struct $Paginator {
            client: super::Client,
        }

        impl $Paginator {
            /// The operations that can be paginated.
            pub(super) const OPERATIONS: &'static [&'static str] = &[$(stringify!($operation)),+];

            pub(super) fn new(client: super::Client) -> $Paginator {
                $Paginator { client }
            }

            $(
                #[doc = concat!("[`", stringify!($operation), "`](super::Client::", stringify!($operation), "), page by page.")]
                #[doc(alias = $alias)]
                pub fn $operation(&self, build: impl FnOnce($Input) -> $Input) -> $crate::boto3::paginate::Pages<$Input> {
                    let super::Client { backend, context, .. } = &self.client;
                    $crate::boto3::paginate::Pages::new(backend.clone(), context.clone(), build($Input::default()))
                }
            )+
        }
    };
}
pub(in crate::boto3) use pageable;
